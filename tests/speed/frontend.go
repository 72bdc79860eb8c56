package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// repeats of each measurement of the front end.
const repeats = 20

// frontEnd prints what a cell costs beside its running, what a start costs, and how large the binary is.
func frontEnd(ctx context.Context, rivulet string) (missed int, err error) {
	cell, err := read("cell.txt")
	if err != nil {
		return 0, err
	}
	s, err := newSession(rivulet)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	again, err := cellTime(ctx, s, cell)
	if err != nil {
		return 0, err
	}
	small, err := cellTime(ctx, s, "1 + 1")
	if err != nil {
		return 0, err
	}
	start, first, err := startTimes(ctx, rivulet)
	if err != nil {
		return 0, err
	}
	st, err := os.Stat(rivulet)
	if err != nil {
		return 0, err
	}
	report := func(name, unit string, is, goal float64) {
		note, n := verdict(is <= goal)
		fmt.Printf("%-32s %8.1f %s   goal %.0f%s\n", name, is, unit, goal, note)
		missed += n
	}
	fmt.Println()
	report("cell of 50 lines, warm", "ms", ms(again), ms(goalCell))
	fmt.Printf("%-32s %8.1f ms\n", "cell of one expression, warm", ms(small))
	report("start of a session", "ms", ms(start), ms(goalStart))
	fmt.Printf("%-32s %8.1f ms\n", "start to the first result", ms(first))
	report("binary", "MB", float64(st.Size())/1e6, goalBinaryBytes/1e6)
	return missed, nil
}

// cellTime is the median time of a cell that is run again and again, from its request to its end.
func cellTime(ctx context.Context, s *sessionSide, source string) (time.Duration, error) {
	var times []time.Duration
	for i := range repeats + 2 {
		start := time.Now()
		if _, err := s.eval(ctx, source); err != nil {
			return 0, err
		}
		if i >= 2 {
			times = append(times, time.Since(start))
		}
	}
	return median(times), nil
}

// startTimes are the median times from the start of a session until it takes cells, and until a first one is done.
func startTimes(ctx context.Context, rivulet string) (ready, first time.Duration, err error) {
	var readies, firsts []time.Duration
	for range repeats {
		start := time.Now()
		s, err := newSession(rivulet)
		if err != nil {
			return 0, 0, err
		}
		err = s.Ready(ctx)
		readies = append(readies, time.Since(start))
		if err == nil {
			_, err = s.eval(ctx, "1 + 1")
		}
		firsts = append(firsts, time.Since(start))
		s.Close()
		if err != nil {
			return 0, 0, err
		}
	}
	return median(readies), median(firsts), nil
}
