package notify

import (
	"strings"
	"unicode"
)

const (
	maxSubject = 200
	maxText    = 4000
)

// Message is what somebody is told.
type Message struct {
	// Subject is sent as one line of at most 200 characters.
	Subject string
	// Text is plain text; at most 4,000 characters of it are sent.
	Text string
}

// subject gives the subject on one line, so that nothing in it can become another
// header of a mail.
func (m Message) subject() string {
	return cut(strings.Join(strings.Fields(printable(m.Subject)), " "), maxSubject, "…")
}

// text gives the text with plain line ends, and without what a terminal or a mail
// server could take for a command.
func (m Message) text() string {
	return cut(strings.TrimSpace(printable(m.Text)), maxText, " …")
}

// printable makes valid text in which lines end with "\n" only.
func printable(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// cut cuts text to a number of characters, the sign that it was cut among them.
func cut(text string, most int, sign string) string {
	characters := []rune(text)
	if len(characters) <= most {
		return text
	}
	return string(characters[:most-len([]rune(sign))]) + sign
}
