package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
)

var queries = []func(tables) *frame.Frame{
	q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22,
}

type options struct {
	data, out, profile string
	query, runs        int
	explain            bool
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "", "the `folder` of the tables, as Parquet files")
	flag.StringVar(&o.out, "out", "", "write the answers as Arrow files into `folder`")
	flag.StringVar(&o.profile, "profile", "", "write a profile of the processor to `file`")
	flag.IntVar(&o.query, "query", 0, "only this `number`, 1 to 22")
	flag.IntVar(&o.runs, "runs", 1, "how often each is run")
	flag.BoolVar(&o.explain, "explain", false, "print how each was computed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	source.SetAllocator(memory.Allocator())
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: memory.SpillDir()}
	frame.SetRunner(distrib.NewRunnerEnv(local.New(env, runtime.GOMAXPROCS(0)), env))
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return errors.Join(err, f.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, f.Close())
		}()
	}
	for i, query := range queries {
		if o.query != 0 && o.query != i+1 {
			continue
		}
		if err := one(ctx, o, i+1, query); err != nil {
			return fmt.Errorf("query %d: %w", i+1, err)
		}
	}
	return nil
}

// one runs a query and prints its seconds.
func one(ctx context.Context, o options, number int, query func(tables) *frame.Frame) error {
	var answer *frame.Frame
	var asked *frame.Frame
	var times, busy []float64
	for range o.runs {
		began, used := time.Now(), processor()
		asked = query(open(o.data))
		var err error
		if answer, err = asked.CollectContext(ctx); err != nil {
			return err
		}
		times, busy = append(times, time.Since(began).Seconds()), append(busy, (processor()-used).Seconds())
	}
	rows, err := answer.CountContext(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("q%02d  %.3f s  %.3f s of processors  %d rows\n", number, slices.Min(times), slices.Min(busy), rows)
	if o.explain {
		fmt.Println(asked.Explain())
	}
	if o.out == "" {
		return nil
	}
	return answer.WriteContext(ctx, filepath.Join(o.out, fmt.Sprintf("q%02d.arrow", number)))
}

// processor is the time that the process has spent on processors.
func processor() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
