package main

import "strings"

// environment is the variables that the command was given, as "NAME=value".
type environment []string

// Environ lists the variables.
func (e environment) Environ() []string { return e }

// LookupEnv finds a variable; the last one of a name counts.
func (e environment) LookupEnv(name string) (string, bool) {
	for i := len(e) - 1; i >= 0; i-- {
		if key, value, found := strings.Cut(e[i], "="); found && key == name {
			return value, true
		}
	}
	return "", false
}

func (e environment) get(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}
