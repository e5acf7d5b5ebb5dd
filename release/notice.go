package release

import "time"

// Notice is what people were told, and whether it reached them.
type Notice struct {
	At   time.Time  `json:"at"`
	Kind NoticeKind `json:"kind"`
	Gate string     `json:"gate,omitempty"`
	To   []string   `json:"to"`
	Text string     `json:"text"`
	// Unreached says by person why it could not be delivered.
	Unreached map[string]string `json:"unreached,omitempty"`
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notice.
const (
	NoticeAsked     NoticeKind = "asked"
	NoticeReminder  NoticeKind = "reminder"
	NoticeEscalated NoticeKind = "escalated"
	NoticeVoided    NoticeKind = "voided"
	NoticeExpired   NoticeKind = "expired"
	// NoticeRating asks how satisfied somebody is, NoticeReview for the review to be
	// closed; both are sent again to remind.
	NoticeRating NoticeKind = "rating asked"
	NoticeReview NoticeKind = "review to be closed"
	// NoticeConflict tells of another release that gets into the way of this one.
	NoticeConflict NoticeKind = "conflict"
	// NoticeAssigned tells of something that is to be looked after now.
	NoticeAssigned NoticeKind = "assigned"
)
