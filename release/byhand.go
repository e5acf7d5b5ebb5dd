package release

import "strings"

// handWords stand in what is needed when people have to do a step, behind its name.
const handWords = " to be done by hand"

// ByHand tells whether it is waited for a step that people do. It gives who has to do
// which step where, and the instructions line by line.
func (a Awaiting) ByHand() (who string, instructions []string, is bool) {
	if a.Kind != WaitStep {
		return "", nil, false
	}
	head, rest, is := strings.Cut(a.Needs, handWords)
	if !is || strings.Contains(head, "\n") {
		return "", nil, false
	}
	who, text, _ := strings.Cut(rest, ": ")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			instructions = append(instructions, line)
		}
	}
	return head + handWords + who, instructions, true
}
