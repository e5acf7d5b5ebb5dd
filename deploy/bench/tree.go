package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
)

// makeTree fills a folder with so many files of mixed sizes, so many bytes in all,
// fifty in each folder below it. Nothing can be compressed.
func makeTree(folder string, files int, bytes int64) error {
	weights := []int64{1, 4, 16, 64, 256}
	all := int64(0)
	for i := range files {
		all += weights[i%len(weights)]
	}
	noise := rand.NewChaCha8([32]byte{'b', 'e', 'n', 'c', 'h'})
	for i := range files {
		path := filepath.Join(folder, fmt.Sprintf("part-%03d", i/50), fmt.Sprintf("file-%05d", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := makeFile(path, noise, bytes*weights[i%len(weights)]/all); err != nil {
			return err
		}
	}
	return nil
}

func makeFile(path string, noise io.Reader, bytes int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(file, noise, bytes); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// scratch makes a folder for one part, and gives what removes it.
func scratch() (folder string, remove func(), err error) {
	if folder, err = os.MkdirTemp("", "slipway-bench-"); err != nil {
		return "", nil, err
	}
	return folder, func() {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}, nil
}

// shell runs a line of shell.
func shell(ctx context.Context, line string, args ...string) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-euc", line, "sh"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
