// Package devserver says how Temporal's dev server is run on one machine: by the
// demo, by the end-to-end tests and by the bench, so that all three measure and
// show the same.
package devserver

// Tuning gives the flags of "temporal server start-dev" that let it hand tasks
// out at once: as it comes, a shard dispatches 20 tasks a second after a burst,
// and a task queue has four partitions that few workers poll unevenly.
func Tuning() []string {
	var flags []string
	for _, setting := range []string{
		"history.transferProcessorMaxPollRPS=2000",
		"history.timerProcessorMaxPollRPS=2000",
		"matching.numTaskqueueReadPartitions=1",
		"matching.numTaskqueueWritePartitions=1",
		"system.enableActivityEagerExecution=true",
	} {
		flags = append(flags, "--dynamic-config-value", setting)
	}
	return flags
}

// FileTuning gives the flags for a database file: a write-ahead log, flushed when
// it is folded back. A process may die at any time; the last commits can be lost
// when the machine loses power.
func FileTuning() []string {
	return []string{"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"}
}
