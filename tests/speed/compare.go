package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// compare times the programs on both sides; it returns how many are too slow.
func compare(ctx context.Context, rivulet, raw, pattern string, rounds int) (missed int, err error) {
	match, err := regexp.Compile(pattern)
	if err != nil {
		return 0, fmt.Errorf("-run: %w", err)
	}
	list, err := programs()
	if err != nil {
		return 0, err
	}
	yaegi, err := newRaw(ctx, raw)
	if err != nil {
		return 0, err
	}
	defer yaegi.Close()
	session, err := newSession(rivulet)
	if err != nil {
		return 0, err
	}
	defer session.Close()
	sides := []side{yaegi, session}
	for _, s := range sides {
		if _, err := s.eval(ctx, "import (\n\t\"fmt\"\n\t\"time\"\n)\n"); err != nil {
			return 0, err
		}
	}
	fmt.Printf("%-12s %12s %12s %8s   best of %d, goal %.1f\n", "program", "yaegi ms", "rivulet ms", "ratio", rounds, goalRatio)
	for _, p := range list {
		if !match.MatchString(p.name) {
			continue
		}
		n, err := p.compare(ctx, sides, rounds)
		if err != nil {
			fmt.Printf("%-12s %v\n", p.name, err)
			n = 1
		}
		missed += n
	}
	return missed, nil
}

// compare times one program; raw yaegi is the first side.
func (p program) compare(ctx context.Context, sides []side, rounds int) (missed int, err error) {
	times := make([][]time.Duration, len(sides))
	for _, s := range sides {
		for _, source := range []string{p.source, p.timer()} {
			if _, err := s.eval(ctx, source); err != nil {
				return 1, err
			}
		}
	}
	// The first round warms up.
	for round := range rounds + 1 {
		for i, s := range sides {
			d, err := p.time(ctx, s)
			if err != nil {
				return 1, err
			}
			if round > 0 {
				times[i] = append(times[i], d)
			}
		}
	}
	base, ours := slices.Min(times[0]), slices.Min(times[1])
	ratio := float64(ours) / float64(base)
	note, missed := verdict(ratio <= goalRatio)
	fmt.Printf("%-12s %12.1f %12.1f %8.2f%s\n", p.name, ms(base), ms(ours), ratio, note)
	return missed, nil
}

func (p program) time(ctx context.Context, s side) (time.Duration, error) {
	out, err := s.eval(ctx, p.timed())
	if err != nil {
		return 0, err
	}
	var ns int64
	var result string
	if _, err := fmt.Sscan(out, &ns, &result); err != nil {
		return 0, fmt.Errorf("it printed %q: %w", out, err)
	}
	if result != p.want {
		return 0, fmt.Errorf("it gives %s, compiled Go %s", result, p.want)
	}
	return time.Duration(ns), nil
}
