package archive_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
)

func TestWhatIsWrittenTogetherArrivesEverywhereInItsOrder(t *testing.T) {
	var kept bytes.Buffer
	sum := sha256.New()
	data := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	n, err := io.CopyBuffer(archive.Together(&kept, sum), io.LimitReader(bytes.NewReader(data), int64(len(data))), make([]byte, 1_000))
	require.NoError(t, err)
	assert.EqualValues(t, len(data), n)
	assert.Equal(t, data, kept.Bytes())
	whole := sha256.Sum256(data)
	assert.Equal(t, whole[:], sum.Sum(nil))
}

func TestWritingTogetherFailsWithAnyOfThem(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := archive.Together(io.Discard, failing{full}).Write([]byte("x"))
	require.ErrorIs(t, err, full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
