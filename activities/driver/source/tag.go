package source

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"slipway/release"
)

const (
	signatureStart = "-----BEGIN "
	sshSignature   = signatureStart + "SSH SIGNATURE-----"
	// gitNamespace is what git signs for.
	gitNamespace = "git"
)

// signature checks that one of the signers signed the tag of a source, and gives the
// fingerprint of that key.
func (g git) signature(ctx context.Context, s release.Source, signers []string) (fingerprint string, err error) {
	if s.Tag == "" {
		return "", fmt.Errorf("%w: it has no tag, and a signed one is asked for", ErrUnfit)
	}
	ref := "refs/tags/" + s.Tag
	kind, err := g.run(ctx, "cat-file", "-t", ref)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(kind) != "tag" {
		return "", fmt.Errorf("%w: tag %s is not signed, and a signature is asked for: use git tag -s with gpg.format=ssh", ErrUnfit, s.Tag)
	}
	object, err := g.run(ctx, "cat-file", "tag", ref)
	if err != nil {
		return "", err
	}
	fingerprint, err = verifyTag(object, s, signers)
	if err != nil {
		return "", fmt.Errorf("%w: tag %s %w", ErrUnfit, s.Tag, err)
	}
	return fingerprint, nil
}

// verifyTag checks a tag as git stores it: who signed it, and that the signature is
// for this tag and this commit.
func verifyTag(object string, s release.Source, signers []string) (fingerprint string, err error) {
	at := strings.LastIndex(object, "\n"+signatureStart) + 1
	signed, armored := object[:at], object[at:]
	switch {
	case at == 0:
		return "", fmt.Errorf("is not signed, and a signature is asked for: use git tag -s with gpg.format=ssh")
	case !strings.HasPrefix(armored, sshSignature):
		return "", fmt.Errorf("is signed in another way than by an SSH key: use git tag -s with gpg.format=ssh")
	}
	headers, _, _ := strings.Cut(signed, "\n\n")
	if !strings.HasPrefix(headers+"\n", "object "+s.Commit+"\ntype commit\ntag "+s.Tag+"\n") {
		return "", fmt.Errorf("is signed as another one: its signature is not for tag %s of commit %s", s.Tag, s.Commit)
	}
	signature, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		return "", fmt.Errorf("has a signature that cannot be read: %w", err)
	}
	fingerprint = ssh.FingerprintSHA256(signature.PublicKey)
	if err := amongSigners(signature.PublicKey, signers); err != nil {
		return "", err
	}
	err = sshsig.Verify(strings.NewReader(signed), signature, signature.PublicKey, signature.HashAlgorithm, gitNamespace)
	if err != nil {
		return "", fmt.Errorf("has a signature of key %s that is not for this content: %w", fingerprint, err)
	}
	return fingerprint, nil
}

// amongSigners refuses a key that is none of the signers', or too weak.
func amongSigners(key ssh.PublicKey, signers []string) error {
	var known []string
	for _, line := range signers {
		public, err := release.Key{Line: line}.Public()
		if err != nil {
			return fmt.Errorf("cannot be checked: %w", err)
		}
		if bytes.Equal(public.Marshal(), key.Marshal()) {
			return release.UsableKey(key)
		}
		known = append(known, ssh.FingerprintSHA256(public))
	}
	return fmt.Errorf("is signed with key %s, which is none of the signers of its place (%s)", ssh.FingerprintSHA256(key), strings.Join(known, ", "))
}
