package distrib

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// meter measures the operators of one goroutine. At each moment one of them runs: where a batch crosses from one to
// another, the time since the last crossing is the former's. A nil meter measures nothing.
type meter struct {
	ops   []plan.OpProfile
	usage []exec.Usage
	told  []int64 // spilled bytes that take has given
	on    int
	since time.Time
}

// newMeter measures n operators.
func newMeter(n int) *meter {
	return &meter{ops: make([]plan.OpProfile, n+1), usage: make([]exec.Usage, n+1), told: make([]int64, n+1), on: n, since: time.Now()}
}

// outside is who stands outside.
func (m *meter) outside() int { return len(m.ops) - 1 }

// enter says that operator i runs from now on.
func (m *meter) enter(i int) {
	if m == nil {
		return
	}
	now := time.Now()
	m.ops[m.on].Time += now.Sub(m.since)
	m.on, m.since = i, now
}

// env is the environment of operator i.
func (m *meter) env(env *exec.Env, i int) *exec.Env {
	if m == nil {
		return env
	}
	return env.Metered(&m.usage[i])
}

// crossing is the stream of what operator by gives to operator to.
func (m *meter) crossing(by, to int, s batch.Stream) batch.Stream {
	if m == nil {
		return s
	}
	return func(yield func(arrow.Record, error) bool) {
		m.enter(by)
		for rec, err := range s {
			if rec != nil {
				m.ops[by].Rows += rec.NumRows()
				m.ops[by].Bytes += batch.Bytes(rec)
			}
			m.enter(to)
			more := yield(rec, err)
			m.enter(by)
			if !more {
				break
			}
		}
		m.enter(to)
	}
}

// read gives what operator i has done so far.
func (m *meter) read(i int) plan.OpProfile {
	o := m.ops[i]
	o.Memory, o.Spilled = m.usage[i].Peak(), m.usage[i].Spilled()
	return o
}

// take gives what the operators have done since the last take.
func (m *meter) take() []plan.OpProfile {
	m.enter(m.on)
	out := make([]plan.OpProfile, m.outside())
	for i := range out {
		out[i] = m.read(i)
		out[i].Spilled -= m.told[i]
		m.told[i] += out[i].Spilled
		m.ops[i] = plan.OpProfile{}
	}
	return out
}
