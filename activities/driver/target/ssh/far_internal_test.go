package ssh

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestWhatIsSaidBeforeTheTokenIsPassedOnToTheByte(t *testing.T) {
	token := string(separator) + "TOKEN"
	long := strings.Repeat("a line\n", 100_000)
	for _, said := range []string{"", "\n", "a", "a\n", "\036", "\036\036TOKE \036TOK", "{}\036out\n\036running", long + "\036" + long} {
		for _, end := range []string{" 0 \n", " 7 no such file  \n"} {
			whole := []byte(said + token + end)
			for _, in := range []*bufio.Reader{
				bufio.NewReaderSize(bytes.NewReader(whole), 16),
				bufio.NewReaderSize(iotest.OneByteReader(bytes.NewReader(whole)), 64<<10),
				bufio.NewReaderSize(iotest.HalfReader(bytes.NewReader(whole)), 100),
			} {
				var heard bytes.Buffer
				status, why, err := (&far{out: in, token: token}).answer(&heard)
				require.NoError(t, err)
				require.Equal(t, said, heard.String())
				require.Equal(t, strings.Contains(end, "7"), status == 7)
				require.Equal(t, status == 7, why == "no such file")
			}
		}
	}
}

func TestAnAnswerThatIsCutOffIsNone(t *testing.T) {
	for _, said := range []string{"", "half", "half\036TO", "half\036TOKEN 0"} {
		f := far{out: bufio.NewReader(strings.NewReader(said)), token: "\036TOKEN"}
		_, _, err := f.answer(&bytes.Buffer{})
		require.ErrorIs(t, err, errCut)
	}
}
