package source

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/activities/driver/archive"
	"slipway/release"
)

const (
	// answerWithin is how long a server may take to begin its answer, and
	// silentAtMost how long it may send nothing while it gives it.
	answerWithin = time.Minute
	silentAtMost = time.Minute
	// mostRedirects is how often a server may send us on.
	mostRedirects = 10
)

// client speaks to servers with nothing of ours but what a request says. Who asks is
// told to none to which the first server sends us on.
func (f *Fetcher) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: f.Roots, MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout = answerWithin
	transport.DisableCompression = true // the digest is that of the file as it is
	transport.DisableKeepAlives = true
	return &http.Client{Transport: private{transport}, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		switch {
		case len(before) >= mostRedirects:
			return fmt.Errorf("%w: it is redirected more than %d times", ErrUnfit, mostRedirects)
		case next.URL.Scheme != "https" && before[0].URL.Scheme == "https":
			return fmt.Errorf("%w: it is redirected to %s, which is not https", ErrUnfit, next.URL.Redacted())
		case !sameServer(next.URL, before[0].URL):
			next.Header.Del("Authorization") // Go keeps it for other ports and subdomains
		}
		return nil
	}}
}

// takeArchive downloads an archive, checks its digest, and unpacks it.
func (v visit) takeArchive(ctx context.Context, s release.Source, folder string) error {
	temporary, remove, err := beside(folder)
	if err != nil {
		return err
	}
	defer remove()
	file := filepath.Join(temporary, "archive")
	digest, err := v.download(ctx, s.Archive, file)
	switch {
	case err != nil:
		return err
	case digest != s.Sum:
		return &SumError{Source: s, Want: s.Sum, Got: digest}
	}
	return v.unpack(ctx, folder, func(u *archive.Unpacker) error { return u.Archive(file) })
}

// download writes what a URL gives to a new file, and gives its digest.
func (v visit) download(ctx context.Context, from, file string) (digest string, err error) {
	ctx, listener := listen(ctx)
	defer listener.stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	if header := v.authorization(); header != "" {
		request.Header.Set("Authorization", header)
	}
	response, err := v.client().Do(request)
	if err != nil {
		return "", unreachable(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", v.answered(response.StatusCode)
	}
	return v.keep(ctx, listener.to(response.Body), response.ContentLength, file)
}

// keep writes a body of so many bytes, or of an unknown length when negative, to a
// new file, and gives its digest.
func (f *Fetcher) keep(ctx context.Context, body io.Reader, length int64, file string) (digest string, err error) {
	if length > f.MaxBytes {
		return "", fmt.Errorf("%w: it has %d bytes; at most %d are taken", ErrUnfit, length, f.MaxBytes)
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	// Only the file's own errors are the disk's.
	copied, err := io.CopyBuffer(io.MultiWriter(out, sum), io.LimitReader(body, f.MaxBytes+1), make([]byte, 256<<10))
	var disk *os.PathError
	switch closed := out.Close(); {
	case errors.As(err, &disk):
		return "", err
	case err != nil:
		return "", unreachable(ctx, fmt.Errorf("the answer broke off after %d bytes: %w", copied, err))
	case copied > f.MaxBytes:
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrUnfit, f.MaxBytes)
	case closed != nil:
		return "", closed
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// listener ends a context when a body that is read through it is silent for too long.
type listener struct {
	body   io.Reader
	silent *time.Timer
	cancel context.CancelCauseFunc
}

// listen gives a context for a request, and what listens to its answer.
func listen(ctx context.Context) (context.Context, *listener) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &listener{cancel: cancel}
}

func (l *listener) to(body io.Reader) io.Reader {
	l.body = body
	l.silent = time.AfterFunc(silentAtMost, func() { l.cancel(fmt.Errorf("nothing came for %s", silentAtMost)) })
	return l
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.body.Read(p)
	l.silent.Reset(silentAtMost)
	return n, err
}

func (l *listener) stop() {
	if l.silent != nil {
		l.silent.Stop()
	}
	l.cancel(nil)
}

// unreachable gives the error of a request that came to nothing.
func unreachable(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(err, ErrUnfit):
		return err
	case cause != nil && !errors.Is(cause, ctx.Err()):
		return fmt.Errorf("%w: %w", ErrUnavailable, cause)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if request := (*url.Error)(nil); errors.As(err, &request) {
		// What a server adds to where it sends us may let in whoever has it.
		request.URL, _, _ = strings.Cut(request.URL, "?")
	}
	if untrusted := (*tls.CertificateVerificationError)(nil); errors.As(err, &untrusted) {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
