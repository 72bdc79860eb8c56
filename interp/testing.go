package interp

import (
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

// testMain is testing.Main in a cell: a test that panics fails, and the cell ends as after os.Exit.
func (d *stdio) testMain(match matcher, tests []testing.InternalTest, benchmarks []testing.InternalBenchmark, examples []testing.InternalExample) {
	guarded := make([]testing.InternalTest, len(tests))
	for i, t := range tests {
		guarded[i] = testing.InternalTest{Name: t.Name, F: func(tt *testing.T) { guardTest(tt, t.F) }}
	}
	d.exit(testing.MainStart(testSupport{match}, guarded, benchmarks, nil, examples).Run())
}

// guardTest runs a test, which would end the process if it panicked, or if its goroutine ended in another way than by the
// methods of the test.
func guardTest(t *testing.T, f func(*testing.T)) {
	returned := false
	defer func() {
		switch v := recover(); {
		case v != nil:
			t.Errorf("panic: %v", v)
		case !returned && !t.Failed() && !t.Skipped():
			t.FailNow()
		}
	}()
	f(t)
	returned = true
}

// runTest is the method Run of a test.
func runTest(t *testing.T, name string, f func(*testing.T)) bool {
	return t.Run(name, func(tt *testing.T) { guardTest(tt, f) })
}

// runSynctest is synctest.Test.
func runSynctest(t *testing.T, f func(*testing.T)) {
	synctest.Test(t, func(tt *testing.T) { guardTest(tt, f) })
}

// matcher says whether the pattern of a command line matches a name.
type matcher func(pattern, name string) (bool, error)

// testSupport is what package testing wants of the go command: matching alone, no profiles, coverage or fuzzing.
type testSupport struct{ match matcher }

// fuzzInput is a value of a fuzzing corpus, as package testing has it.
type fuzzInput = struct {
	Parent     string
	Path       string
	Data       []byte
	Values     []any
	Generation int
	IsSeed     bool
}

var errTestSupport = errors.New("a cell has neither profiles nor fuzzing")

func (s testSupport) MatchString(pattern, name string) (bool, error) { return s.match(pattern, name) }
func (testSupport) ImportPath() string                               { return "" }
func (testSupport) ModulePath() string                               { return "" }
func (testSupport) SetPanicOnExit0(bool)                             {}
func (testSupport) StartCPUProfile(io.Writer) error                  { return errTestSupport }
func (testSupport) StopCPUProfile()                                  {}
func (testSupport) StartTestLog(io.Writer)                           {}
func (testSupport) StopTestLog() error                               { return errTestSupport }
func (testSupport) WriteProfileTo(string, io.Writer, int) error      { return errTestSupport }
func (testSupport) RunFuzzWorker(func(fuzzInput) error) error        { return errTestSupport }
func (testSupport) CheckCorpus([]any, []reflect.Type) error          { return nil }
func (testSupport) ResetCoverage()                                   {}
func (testSupport) SnapshotCoverage()                                {}

func (testSupport) ReadCorpus(string, []reflect.Type) ([]fuzzInput, error) {
	return nil, errTestSupport
}

func (testSupport) CoordinateFuzzing(time.Duration, int64, time.Duration, int64, int, []fuzzInput, []reflect.Type, string, string) error {
	return errTestSupport
}

func (testSupport) InitRuntimeCoverage() (mode string, end func(string, string) (string, error), shot func() float64) {
	return "", nil, nil
}
