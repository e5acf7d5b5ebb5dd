package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// The rollout of an estate as a shell script does it, with the same promise: what it
// says is done is on the disk, and each target is wholly old or wholly new.

// estateFiles and estateBytes are what each target gets.
const (
	estateFiles = 10
	estateBytes = 100_000
)

// content is what is rolled out.
func (s *site) content() string { return filepath.Join(s.folder, "content") }

// byHand copies the content, $0, to the target's folder, $1, flushes it to the disk
// before it gets its place, switches the target by one renaming, and checks it in a
// shell of its own, whose output is kept. It does without what only Slipway promises:
// that the files are those that were authorized, read again before the switch, what ran
// before, what became of a check that was broken off. (One sync of the file system takes
// less than one of each file, which is what a driver has to do that shares it with others.)
const byHand = `
export TARGET_FOLDER="$1" TARGET="${1##*/}"
mkdir -p "$1/releases"
rm -rf "$1/releases/.new" && cp -R "$0" "$1/releases/.new"
sync -f "$1/releases/.new"
mv "$1/releases/.new" "$1/releases/$VERSION" && sync "$1/releases"
ln -s "releases/$VERSION" "$1/.next" && mv -T "$1/.next" "$1/current" && sync "$1"
/bin/sh -euc "$CHECK" >"$1/check.log"
`

// xargs rolls a version out to as many folders as the estate of the shell driver has,
// as many at the same time.
func (s *site) xargs(ctx context.Context, version string) error {
	folders := make([]string, shelled.targets)
	for i := range folders {
		folders[i] = filepath.Join(s.folder, "by-hand", "t"+strconv.Itoa(i+1))
	}
	all := exec.CommandContext(ctx, "xargs", "-P", strconv.Itoa(targetsTogether), "-n", "1", "/bin/sh", "-euc", byHand, s.content())
	all.Env = append(os.Environ(), "VERSION="+version, "CHECK="+check)
	all.Stdin, all.Stderr = strings.NewReader(strings.Join(folders, "\n")), os.Stderr
	return all.Run()
}
