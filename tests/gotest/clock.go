package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	// tick is how often a clock looks.
	tick = 500 * time.Millisecond
	// idleTicks is for how many ticks a test that is over its time may use next to no processor.
	idleTicks = 20
	// patience bounds a test in multiples of its time, however slow the machine.
	patience = 10
)

// userTicks is the unit of /proc, of a second.
const userTicks = 100

// clock gives a context that ends when a process has had its time. That is wall time, but while a busy machine keeps
// the process from its processors, it goes on: it ends when the process has also used so much processor time, or
// waits for nothing.
func clock(ctx context.Context, pid int, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, patience*limit)
	go func() {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		var last time.Duration
		idle := 0
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			used, err := processorTime(pid)
			if used-last < tick/20 {
				idle++
			} else {
				idle = 0
			}
			if err != nil || used >= limit || idle > idleTicks {
				cancel()
				return
			}
			last = used
			timer.Reset(tick)
		}
	}()
	return ctx, cancel
}

// processorTime is what a process has used, user and system.
func processorTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold spaces; utime and stime are the 14th and 15th field of all.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, stat)
	}
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / userTicks, nil
}
