package e2e_test

import (
	"slices"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// reviewed lets those who are asked say how satisfied they are, and the release
// management learn a lesson and close the review, until the release is closed.
func (s *site) reviewed(id string) release.Record {
	s.t.Helper()
	for {
		r := s.until(id, "its end", func(r release.Record) bool {
			return r.Outcome != "" || waitsFor(r, release.WaitRating) || waitsFor(r, release.WaitReview)
		})
		if r.Outcome != "" {
			return r
		}
		s.answerReview(r)
	}
}

func waitsFor(r release.Record, kind string) bool {
	return slices.ContainsFunc(r.Awaiting, func(a release.Awaiting) bool { return a.Kind == kind })
}

func (s *site) answerReview(r release.Record) {
	s.t.Helper()
	if waitsFor(r, release.WaitRating) {
		for i, by := range r.Unrated() {
			_, err := s.starter.Rate(s.ctx(), r.ID, release.Rate{Sender: release.Sender{By: by}, Score: 5 - i})
			require.NoError(s.t, err)
		}
		return
	}
	by := release.Sender{By: "marc"}
	_, err := s.starter.Note(s.ctx(), r.ID, release.TakeNote{Sender: by, Kind: release.NoteLesson, Text: "ask earlier"})
	require.NoError(s.t, err)
	_, err = s.starter.CloseReview(s.ctx(), r.ID, release.CloseReview{Sender: by, Comment: "as planned"})
	require.NoError(s.t, err)
}
