package http

import "time"

// Hasten makes the driver wait no longer than this for each answer, and for scripts
// that do not end in time.
func Hasten(d *Driver, most time.Duration) { d.answerWithin, d.grace = most, most }
