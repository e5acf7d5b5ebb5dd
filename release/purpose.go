package release

import "strings"

// Purposes are the standard words for what an environment is for. Models refer to
// them; organizations may have words of their own beside them.
var Purposes = []string{"test", "pilot", "training", purposeProduction, "disaster-recovery"}

const purposeProduction = "production"

// misspelledPurpose gives the standard word that somebody seems to have meant; empty
// for such a word, and for one of its own, as are "preproduction" and "trading".
func misspelledPurpose(purpose string) string {
	for _, word := range Purposes {
		few := max(len(word)/5, 1)
		if !strings.Contains(purpose, word) && distance([]rune(strings.ToLower(purpose)), []rune(word)) <= few {
			return word
		}
	}
	return ""
}
