package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"
)

// errVerdict says that the results are not as the list wants them; the report has said why.
var errVerdict = errors.New("gotest: tests fail that should pass")

type options struct {
	goroot, rivulet, lists, json, pattern string
	parallel, sample                      int
	seed                                  uint64
	timeout                               time.Duration
	verbose, update, listed               bool
}

func main() {
	var o options
	flag.StringVar(&o.goroot, "goroot", "", "the Go `tree` whose tests are run")
	flag.StringVar(&o.rivulet, "rivulet", "bin/rivulet", "the `binary` that is judged")
	flag.StringVar(&o.lists, "lists", "tests/gotest", "the `folder` of failing.txt, baseline.txt and slow.txt")
	flag.StringVar(&o.json, "json", "", "write every result to `file`")
	flag.StringVar(&o.pattern, "run", "", "only tests that match this `regexp`")
	flag.IntVar(&o.parallel, "j", runtime.NumCPU(), "how many run at a time")
	flag.IntVar(&o.sample, "sample", 0, "only so many of the tests that should pass, chosen by the seed")
	flag.Uint64Var(&o.seed, "seed", 0, "the seed of the sample; 0 changes every day")
	flag.DurationVar(&o.timeout, "timeout", time.Minute, "how long a test may take")
	flag.BoolVar(&o.listed, "listed", false, "only tests of failing.txt")
	flag.BoolVar(&o.verbose, "v", false, "print what failing tests print")
	flag.BoolVar(&o.update, "update", false, "make the list of failures agree with the results")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	all, err := suite(o.goroot)
	if err != nil {
		return err
	}
	l, err := readLists(o.lists)
	if err != nil {
		return err
	}
	chosen, err := choose(all, l, o)
	if err != nil {
		return err
	}
	r, err := newRunner(o.goroot, o.rivulet, o.timeout)
	if err != nil {
		return err
	}
	start := time.Now()
	j := &judge{lists: l, results: runAll(ctx, r, chosen, o)}
	if err := ctx.Err(); err != nil {
		return err
	}
	fine := j.print(os.Stdout)
	fmt.Printf("%d tests in %.0f s\n", len(chosen), time.Since(start).Seconds())
	for _, name := range l.unknown(all) {
		fine = false
		fmt.Printf("listed but no test: %s\n", name)
	}
	if o.json != "" {
		if err := writeJSON(o.json, j.results); err != nil {
			return err
		}
	}
	if o.update {
		j.update()
		return l.known.write(filepath.Join(o.lists, failingFile))
	}
	if !fine {
		return errVerdict
	}
	return nil
}

// choose picks the tests to run. A sample has none that are known to fail or to be slow.
func choose(all []string, l *lists, o options) ([]string, error) {
	pattern, err := regexp.Compile(o.pattern)
	if err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		_, fails := l.known[name]
		return !pattern.MatchString(name) || o.listed && !fails || o.sample > 0 && (fails || l.slow[name])
	})
	if o.sample > 0 {
		seed := o.seed
		if seed == 0 {
			seed = uint64(time.Now().Unix() / (24 * 60 * 60))
		}
		fmt.Printf("a sample of %d, -seed %d\n", o.sample, seed)
		random := rand.New(rand.NewPCG(seed, 0))
		random.Shuffle(len(chosen), func(i, k int) { chosen[i], chosen[k] = chosen[k], chosen[i] })
		chosen = chosen[:min(o.sample, len(chosen))]
	}
	return chosen, nil
}

// runAll runs tests, some at a time, and shows on standard error how far it is.
func runAll(ctx context.Context, r *runner, names []string, o options) map[string]Result {
	results := map[string]Result{}
	queue := make(chan string)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range max(o.parallel, 1) {
		workers.Go(func() {
			for name := range queue {
				result := r.run(ctx, name)
				mu.Lock()
				results[name] = result
				if o.verbose && result.Status != OK {
					fmt.Printf("--- %s: %s (%.1f s)\n%s\n", name, result.Status, result.Seconds, head(result.full))
				}
				if len(results)%100 == 0 {
					fmt.Fprintf(os.Stderr, "%d of %d\n", len(results), len(names))
				}
				mu.Unlock()
			}
		})
	}
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		queue <- name
	}
	close(queue)
	workers.Wait()
	return results
}

// headBytes bounds what is printed of a failing test.
const headBytes = 2000

func head(text string) string {
	if len(text) > headBytes {
		return text[:headBytes] + " ..."
	}
	return text
}

func writeJSON(path string, results map[string]Result) error {
	data, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o666)
}
