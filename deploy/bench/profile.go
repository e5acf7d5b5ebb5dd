package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// profiles names the folder for the profiles of each process that takes part.
const profiles = "SLIPWAY_BENCH_PROFILES"

// profiling tells whether profiles are asked for.
func profiling() bool { return os.Getenv(profiles) != "" }

// profiled runs something and writes down, where that is asked for, what this process
// used the processor for, and what of its memory was still held at the end.
func profiled(what string, run func() error) (err error) {
	if !profiling() {
		return run()
	}
	file := filepath.Join(os.Getenv(profiles), what)
	cpu, err := os.Create(file + ".cpu")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cpu.Close()) }()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	err = run()
	pprof.StopCPUProfile()
	return errors.Join(err, writeHeap(file+".heap"))
}

func writeHeap(file string) error {
	heap, err := os.Create(file)
	if err != nil {
		return err
	}
	runtime.GC() // the profile is of the last collection
	return errors.Join(pprof.WriteHeapProfile(heap), heap.Close())
}
