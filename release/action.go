package release

import (
	"fmt"
	"time"
)

// Action names what people do to a release. Each is a signal, which the Temporal
// Web UI sends, and an update, which starter sends to be told at once whether it
// counted.
type Action string

// The actions.
const (
	ActAuthorize       Action = "cab-authorization"
	ActRevise          Action = "revise"
	ActRebuild         Action = "rebuild"
	ActAccept          Action = "accept"
	ActHandOver        Action = "hand-over"
	ActIncident        Action = "incident"
	ActResolveIncident Action = "resolve-incident"
	ActServiceDeskCall Action = "service-desk-call"
	ActConfirm         Action = "confirm"
	ActResolveStep     Action = "resolve-step"
	ActWithdraw        Action = "withdraw"
	ActBackOut         Action = "back-out"
	ActOverrideFreeze  Action = "override-freeze"
)

// The actions of early life support, beside incident, resolve-incident and
// service-desk-call.
const (
	ActUpdateIncident Action = "update-incident"
	ActUpdateCall     Action = "update-call"
	ActKnownError     Action = "known-error"
	ActRaiseRFC       Action = "raise-rfc"
	ActExtendSupport  Action = "extend-els"
	ActEndSupport     Action = "end-els"
)

// The actions of the review.
const (
	ActNote        Action = "note"
	ActRate        Action = "rate"
	ActLogEffort   Action = "log-effort"
	ActCloseReview Action = "close-review"
)

// The actions on the calendar, which is no release's.
const (
	ActAddFreeze   Action = "add-freeze"
	ActAddWindow   Action = "add-window"
	ActRemoveEntry Action = "remove-calendar-entry"
)

// CalendarActions lists the actions on the calendar.
var CalendarActions = []Action{ActAddFreeze, ActAddWindow, ActRemoveEntry}

// Actions lists all actions on a release.
var Actions = []Action{
	ActAuthorize, ActRevise, ActRebuild, ActAccept, ActHandOver, ActIncident,
	ActResolveIncident, ActServiceDeskCall, ActConfirm, ActResolveStep, ActWithdraw, ActBackOut,
	ActOverrideFreeze, ActUpdateIncident, ActUpdateCall, ActKnownError, ActRaiseRFC, ActExtendSupport, ActEndSupport,
	ActNote, ActRate, ActLogEffort, ActCloseReview,
}

// Act is an action as it was recorded, whether it counted or not.
type Act struct {
	At      time.Time `json:"at"`
	Action  Action    `json:"action"`
	By      string    `json:"by,omitempty"`
	Summary string    `json:"summary,omitempty"`
	Counted bool      `json:"counted"`
	// Refusal says why it did not count.
	Refusal string `json:"refusal,omitempty"`
}

// Receipt answers an action that counted.
type Receipt struct {
	Message string `json:"message"`
}

// Refusal is the error of an action that does not count; the text is the reason
// and what would work.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Refusef makes a Refusal.
func Refusef(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// NewMessage gives an empty message of an action, to decode into.
func NewMessage(action Action) (Message, error) {
	switch action {
	case ActAuthorize:
		return &Authorization{}, nil
	case ActRevise:
		return &Revise{}, nil
	case ActRebuild:
		return &Rebuild{}, nil
	case ActAccept:
		return &Accept{}, nil
	case ActHandOver:
		return &HandOver{}, nil
	case ActIncident:
		return &ReportIncident{}, nil
	case ActResolveIncident:
		return &ResolveIncident{}, nil
	case ActServiceDeskCall:
		return &ServiceDeskCall{}, nil
	case ActConfirm:
		return &Confirm{}, nil
	case ActResolveStep:
		return &ResolveStep{}, nil
	case ActWithdraw:
		return &Withdraw{}, nil
	case ActBackOut:
		return &BackOut{}, nil
	case ActOverrideFreeze:
		return &OverrideFreeze{}, nil
	case ActUpdateIncident:
		return &UpdateIncident{}, nil
	case ActUpdateCall:
		return &UpdateCall{}, nil
	case ActKnownError:
		return &NoteKnownError{}, nil
	case ActRaiseRFC:
		return &RaiseRFC{}, nil
	case ActExtendSupport:
		return &ExtendSupport{}, nil
	case ActEndSupport:
		return &EndSupport{}, nil
	case ActNote:
		return &TakeNote{}, nil
	case ActRate:
		return &Rate{}, nil
	case ActLogEffort:
		return &LogEffort{}, nil
	case ActCloseReview:
		return &CloseReview{}, nil
	case ActAddFreeze:
		return &AddFreeze{}, nil
	case ActAddWindow:
		return &AddWindow{}, nil
	case ActRemoveEntry:
		return &RemoveCalendarEntry{}, nil
	}
	return nil, fmt.Errorf("there is no action %q", action)
}

// payloadLimit keeps a message to what a definition may need, or else a person:
// what people say is kept in the release, which has to stay of a bearable size.
func payloadLimit(action Action) int {
	if action == ActRevise || action == ActRebuild {
		return 512 << 10
	}
	return 16 << 10
}

// DecodeMessage reads the JSON of an action strictly: one object, known fields
// only and each once, nothing behind it. The message is nil when it could not be
// read at all; with an incomplete one the error is a Refusal that says what is
// missing.
func DecodeMessage(action Action, data []byte) (Message, error) {
	message, err := NewMessage(action)
	if err != nil {
		return nil, err
	}
	if most := payloadLimit(action); len(data) > most {
		return nil, Refusef("the payload has %d bytes; at most %d are read", len(data), most)
	}
	if err := decodeJSON(data, message); err != nil {
		return nil, Refusef("the payload of %s cannot be read: %v", action, err)
	}
	if err := message.check(); err != nil {
		return message, Refusal(err.Error())
	}
	return message, nil
}
