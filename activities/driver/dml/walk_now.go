package dml

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func (r *Reader) segment(name string) (*layout, bool) {
	switch name {
	case Packages:
		return r.packages, true
	case Evidence:
		return r.evidence, true
	}
	return nil, false
}

func (r *Reader) layout(name string) (*layout, bool) { return r.segment(name) }

func (l *layout) list(context.Context) ([]ocispec.Descriptor, error) {
	index, err := l.strictIndex()
	return index.Manifests, err
}

const (
	annotationComponent = "vnd.slipway.component"
	annotationSource    = "vnd.slipway.source"
	annotationSum       = "vnd.slipway.sum"
)
