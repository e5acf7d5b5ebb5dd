package release

import (
	"slices"
	"strings"
)

// Suggest gives the names that somebody may have meant, at most count: those that have
// the wrong one in them, else the one that differs least from it; none when all differ
// too much.
func Suggest(wrong string, known []string, count int) []string {
	var list []string
	lower := strings.ToLower(wrong)
	for _, k := range known {
		if lower != "" && strings.Contains(strings.ToLower(k), lower) {
			list = append(list, k)
		}
	}
	if meant := nearest(wrong, known); len(list) == 0 && meant != "" {
		list = []string{meant}
	}
	slices.Sort(list)
	return list[:min(len(list), count)]
}
