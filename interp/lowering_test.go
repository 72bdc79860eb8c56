package interp

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/lower"
)

// lowerRefusals are the sentences with which lowering may refuse a cell that the checker accepts: all are about functions
// that frames are given. There is none about Go itself.
var lowerRefusals = []*regexp.Regexp{
	regexp.MustCompile(`^the function has no type$`),
	regexp.MustCompile(`^want a function, not a .+$`),
	regexp.MustCompile(`^a function that a call gives has no source to send along: write func\(…\) \{ … \} here, and call .+ in it$`),
	regexp.MustCompile(`^(method|type) .+ has no source to send along$`),
	regexp.MustCompile(`^.+ is a type parameter of the function around: a function for a frame needs types that are known$`),
	regexp.MustCompile(`^.+ is passed in: what it holds has no source here\. Make the parameter a frame\.Func, then the function that is passed becomes part of the plan$`),
	regexp.MustCompile(`^.+ can't be captured: .+$`),
	regexp.MustCompile(`^the function (assigns to|takes the address of|changes|calls .+, which changes) .+, which it captures: it works on a copy, in several lanes at once\. Return what you compute, or gather it with Reduce$`),
	regexp.MustCompile(`^.+ takes any number of arguments: wrap it in a function of as many as there are columns$`),
}

// soak is set for the long suites whole.
var soak = os.Getenv("RIVULET_SOAK") != ""

// verdict is how far a cell has come; the zero verdict is that of one that compiles.
type verdict struct {
	rejected string // by the checker, which says why
	refused  string // by the lowering, with a sentence of the list
	wrong    string // what must not be
}

// try checks, lowers and compiles a cell. Where it fails or is not kept, it leaves nothing.
func (l *language) try(code string, number int, keep bool) (v verdict) {
	defer func() {
		if p := recover(); p != nil {
			v = verdict{wrong: fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	if lines, _ := cell.Magics(code); len(lines) > 0 {
		return verdict{rejected: "a line for the session"}
	}
	l.counts[uint64(number)], l.sources[uint64(number)] = number, code
	c, err := l.check.Check(code, number)
	if list, ok := errors.AsType[*check.Errors](err); ok {
		return verdict{rejected: list.Error()}
	}
	if err != nil {
		return verdict{wrong: err.Error()}
	}
	forget := l.functions.add(c)
	restore := l.lower.Checkpoint()
	_, err = l.programs(&run{s: l.s, number: uint64(number)}, c)
	if err == nil && keep {
		l.check.Commit(c)
		return verdict{}
	}
	restore()
	forget()
	l.check.Discard()
	return lowerVerdict(err)
}

func lowerVerdict(err error) verdict {
	if err == nil {
		return verdict{}
	}
	if r, ok := errors.AsType[*lower.Refused](err); ok {
		for _, sentence := range lowerRefusals {
			if sentence.MatchString(r.Msg) {
				return verdict{refused: r.Msg}
			}
		}
	}
	return verdict{wrong: err.Error()}
}
