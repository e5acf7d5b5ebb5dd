package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that people write as "90s", "72h" or "14d".
// A day is 24 hours.
type Duration time.Duration

// Std gives the duration as Go's own type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes whole days as "14d" and everything else as Go does, without
// trailing zero units ("72h", not "72h0m0s").
func (d Duration) String() string {
	const day = 24 * time.Hour
	std := time.Duration(d)
	if std >= day && std%day == 0 {
		return strconv.FormatInt(int64(std/day), 10) + "d"
	}
	s := std.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "90s", "72h", "14d" or "1d12h".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// ParseDuration reads what people write: Go's units and "d" for days, never
// negative.
func ParseDuration(text string) (Duration, error) {
	wrong := fmt.Errorf("%q is not a duration: write it as 20s, 5m, 72h or 14d", text)
	rest, total := strings.TrimSpace(text), time.Duration(0)
	if days, after, found := strings.Cut(rest, "d"); found {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 100*366 {
			return 0, wrong
		}
		total, rest = time.Duration(n)*24*time.Hour, after
		if rest == "" {
			return Duration(total), nil
		}
	}
	std, err := time.ParseDuration(rest)
	if err != nil || std < 0 || total+std < 0 {
		return 0, wrong
	}
	return Duration(total + std), nil
}
