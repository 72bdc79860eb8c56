package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

// The goals, as the report names them.
const (
	goalRatio       = 1.1
	goalCell        = 15 * time.Millisecond
	goalStart       = 100 * time.Millisecond
	goalBinaryBytes = 60_000_000
)

func main() {
	rivulet := flag.String("rivulet", "bin/rivulet", "the `binary` that is timed")
	raw := flag.String("raw", "bin/raw", "the `binary` of raw yaegi")
	rounds := flag.Int("rounds", 9, "how often each program runs on each side")
	pattern := flag.String("run", "", "only programs that match this `regexp`, and nothing of the front end")
	strict := flag.Bool("strict", false, "fail where a goal is missed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	missed, err := run(ctx, *rivulet, *raw, *pattern, *rounds)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	case missed > 0:
		fmt.Printf("%d goals are missed\n", missed)
		if *strict {
			os.Exit(1)
		}
	}
}

func run(ctx context.Context, rivulet, raw, pattern string, rounds int) (missed int, err error) {
	for _, part := range []func() (int, error){
		func() (int, error) { return compare(ctx, rivulet, raw, pattern, rounds) },
		func() (int, error) {
			if pattern != "" {
				return 0, nil
			}
			return frontEnd(ctx, rivulet)
		},
	} {
		n, err := part()
		if err != nil {
			return 0, err
		}
		missed += n
	}
	return missed, nil
}

// verdict prints whether a goal is met and counts where not.
func verdict(met bool) (string, int) {
	if met {
		return "", 0
	}
	return "  over the goal", 1
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
