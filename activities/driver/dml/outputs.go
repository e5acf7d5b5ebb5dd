package dml

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// Output is what the build of a component left for the targets.
type Output struct {
	Component string
	Folder    string
}

// contents is what the components left, in the library.
type contents struct {
	// layers has one for each component that left something, in the order of the
	// outputs.
	layers []ocispec.Descriptor
	// digest is that of all of it in one folder.
	digest release.Digest
	// files are sorted by their paths.
	files []release.PackagedFile
}

// packing stores the outputs side by side. While each goes into its layer, it goes
// into the merge of all too, from which the digest of the content comes.
type packing struct {
	ctx  context.Context
	fail context.CancelCauseFunc
	segment
	outputs []Output
	layers  []ocispec.Descriptor
	files   [][]release.PackagedFile
}

// pack stores what is in the folders of the outputs. Those that are empty are passed
// over.
func (l *Library) pack(ctx context.Context, outputs []Output) (contents, error) {
	p := packing{segment: l.packages}
	p.ctx, p.fail = context.WithCancelCause(ctx)
	defer p.fail(nil)
	for _, o := range outputs {
		entries, err := os.ReadDir(o.Folder)
		if err != nil {
			return contents{}, fmt.Errorf("output of %s: %w", o.Component, err)
		}
		if len(entries) > 0 {
			p.outputs = append(p.outputs, o)
		}
	}
	p.layers = make([]ocispec.Descriptor, len(p.outputs))
	p.files = make([][]release.PackagedFile, len(p.outputs))
	digest := p.run()
	// The first that went wrong stopped all others.
	if err := context.Cause(p.ctx); err != nil {
		return contents{}, err
	}
	files := slices.Concat(p.files...)
	slices.SortFunc(files, func(a, b release.PackagedFile) int { return strings.Compare(a.Path, b.Path) })
	return contents{layers: p.layers, digest: digest, files: files}, nil
}

// run gives the digest of the merged content when nothing went wrong.
func (p *packing) run() release.Digest {
	if len(p.outputs) == 1 {
		p.store(0, io.Discard)
		return release.Digest(p.layers[0].Digest)
	}
	var group sync.WaitGroup
	streams := make([]archive.Stream, len(p.outputs))
	readers := make([]*io.PipeReader, len(p.outputs))
	for i, o := range p.outputs {
		in, out := io.Pipe()
		readers[i], streams[i] = in, archive.Stream{Name: o.Component, Tar: in}
		group.Go(func() {
			p.store(i, out)
			_ = out.CloseWithError(context.Cause(p.ctx))
		})
	}
	sum := sha256.New()
	if err := archive.Merge(p.ctx, sum, streams...); err != nil {
		p.fail(err)
	}
	for _, in := range readers {
		_ = in.CloseWithError(context.Cause(p.ctx))
	}
	group.Wait()
	return release.Digest("sha256:" + hex.EncodeToString(sum.Sum(nil)))
}

// store stores one output as a layer, and writes its tar into merge.
func (p *packing) store(i int, merge io.Writer) {
	o := p.outputs[i]
	layer, err := p.segment.store(p.ctx, ContentType, func(w io.Writer) error {
		return archive.WriteEach(p.ctx, io.MultiWriter(w, merge), o.Folder, func(e archive.Entry) {
			p.files[i] = append(p.files[i], packaged(o.Component, e))
		})
	})
	if err != nil {
		p.fail(fmt.Errorf("output of %s: %w", o.Component, err))
		return
	}
	layer.Annotations = map[string]string{ocispec.AnnotationTitle: o.title()}
	p.layers[i] = layer
}

func packaged(component string, e archive.Entry) release.PackagedFile {
	f := release.PackagedFile{Path: e.Path, Component: component, Link: e.Link, Size: e.Size, SHA256: e.Sum}
	if e.Link == "" {
		f.Mode = fmt.Sprintf("%04o", e.Mode)
	}
	return f
}

// title is the name of the output's layer among the package's files.
func (o Output) title() string { return o.Component + ".tar" }

// document gives contents.json, with a line for each file.
func (c contents) document() ([]byte, error) {
	var text bytes.Buffer
	begin := "[\n"
	for _, f := range c.files {
		line, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", release.ContentsDocument, err)
		}
		text.WriteString(begin)
		text.Write(line)
		begin = ",\n"
	}
	text.WriteString("\n]\n")
	return text.Bytes(), nil
}
