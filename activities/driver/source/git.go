package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// takeCommit lays out the commit of a repository, and nothing of what else is there,
// when the tag leads to it and, if the place has signers, one of them signed the tag. It
// gives the fingerprint of the key that did.
func (v visit) takeCommit(ctx context.Context, s release.Source, folder string) (signedBy string, err error) {
	clone, remove, err := beside(folder)
	if err != nil {
		return "", err
	}
	defer remove()
	g, err := v.newGit(s.Git, clone)
	if err != nil {
		return "", err
	}
	if err := g.fetch(ctx, s); err != nil {
		return "", err
	}
	if len(v.place.Signers) > 0 {
		if signedBy, err = g.signature(ctx, s, v.place.Signers); err != nil {
			return "", err
		}
	}
	err = v.unpack(ctx, folder, func(u *archive.Unpacker) error { return g.export(ctx, s.Commit, u) })
	if err != nil {
		return "", err
	}
	return signedBy, errors.Join(g.checkWhole(ctx, s.Commit), checkPointers(folder))
}

// fetch fills a new repository with the commit, checked: without its history, if the
// server gives it so, and else with all there is.
func (g git) fetch(ctx context.Context, s release.Source) error {
	format := "sha1"
	if len(s.Commit) == 64 {
		format = "sha256"
	}
	if _, err := g.run(ctx, "init", "--quiet", "--bare", "--template=", "--object-format="+format, "."); err != nil {
		return err
	}
	wanted, ref := "+"+s.Commit+":refs/slipway/commit", s.Commit
	if s.Tag != "" {
		ref = "refs/tags/" + s.Tag
		wanted = "+" + ref + ":" + ref
	}
	fetch := func(args ...string) error {
		_, err := g.run(ctx, append([]string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--no-write-fetch-head"}, args...)...)
		return err
	}
	if err := fetch("--depth=1", "--", g.url, wanted); err != nil {
		if ctx.Err() != nil || errors.Is(err, ErrUnfit) {
			return err
		}
		err = fetch("--", g.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
		if err != nil {
			return err
		}
	}
	return g.checkCommit(ctx, s, ref)
}

// checkCommit sees that what was asked for came, and that it is the pinned commit.
func (g git) checkCommit(ctx context.Context, s release.Source, ref string) error {
	found, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	switch found = strings.TrimSpace(found); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && s.Tag != "":
		return fmt.Errorf("%w: the repository has no tag %s", ErrMissing, s.Tag)
	case err != nil:
		return fmt.Errorf("%w: the repository has no commit %s", ErrMissing, s.Commit)
	case found != s.Commit:
		return fmt.Errorf("%s: %w: tag %s leads to commit %s, not to %s", s, ErrSum, s.Tag, found, s.Commit)
	}
	return nil
}

// rawAttributes keep git from changing on the way what the commit has, whatever the
// repository's attributes say.
const rawAttributes = "* -text -eol -ident -filter -working-tree-encoding -export-ignore -export-subst\n"

// export lays the files of a commit out.
func (g git) export(ctx context.Context, commit string, u *archive.Unpacker) error {
	info := filepath.Join(g.folder, "info")
	if err := os.MkdirAll(info, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(info, "attributes"), []byte(rawAttributes), 0o600); err != nil {
		return err
	}
	out, in := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		cmd := g.command(ctx, "archive", "--format=tar", commit)
		cmd.Stdout = in
		_, said, err := run(ctx, cmd)
		packed <- g.fault(ctx, said, err)
		_ = in.Close()
	}()
	err := u.Tar(out)
	if err == nil {
		_, err = io.Copy(io.Discard, out) // what is behind the end of a tar
	}
	_ = out.Close()
	if failed := <-packed; failed != nil && !errors.Is(err, archive.ErrUnsafe) {
		return failed
	}
	return err
}

// checkWhole refuses a commit that points to other repositories, whose content would
// be missing.
func (g git) checkWhole(ctx context.Context, commit string) error {
	listed, err := g.run(ctx, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return err
	}
	for entry := range strings.SplitSeq(listed, "\x00") {
		if about, path, _ := strings.Cut(entry, "\t"); strings.HasPrefix(about, "160000 ") {
			return fmt.Errorf("%w: %s is a submodule; make its repository a component of its own", ErrUnfit, path)
		}
	}
	return nil
}

const (
	pointerStart = "version https://git-lfs.github.com/spec/v1\noid sha256:"
	// longestPointer is what a pointer of Git LFS takes at most, in bytes.
	longestPointer = 1024
)

// checkPointers refuses files whose content Git LFS keeps elsewhere.
func checkPointers(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Size() > longestPointer || info.Size() < int64(len(pointerStart)) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(text), pointerStart) {
			return err
		}
		name, _ := filepath.Rel(folder, path)
		return fmt.Errorf("%w: %s is only a pointer to content in Git LFS; take that as an archive or an OCI artifact", ErrUnfit, name)
	})
}

// Newest gives the commit to which a branch of a repository leads at this moment.
// The repository is a URL or a folder, as in release.Source, in a place as with Fetch.
// Errors are those of Fetch; a repository without the branch is ErrMissing.
func (f *Fetcher) Newest(ctx context.Context, repository, branch string, place release.SourcePlace) (commit string, err error) {
	name := release.Source{Git: repository, Branch: branch}.String()
	as, err := newLogin(place)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	empty, err := os.MkdirTemp("", "slipway-source-")
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	defer func() { _ = os.RemoveAll(empty) }()
	g, err := visit{f, as}.newGit(repository, empty)
	if err != nil {
		return "", err
	}
	ref := "refs/heads/" + branch
	listed, err := g.run(ctx, "ls-remote", "--refs", "--", g.url, ref)
	if err != nil {
		return "", as.hide(fmt.Errorf("%s: %w", name, err))
	}
	for line := range strings.Lines(listed) {
		if found, what, _ := strings.Cut(strings.TrimSpace(line), "\t"); what == ref {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s: %w: there is no branch %q", name, ErrMissing, branch)
}
