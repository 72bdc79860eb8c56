package plan

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// OpProfile is what an operator did in a run, or in one split of it: what it gave, and what it took.
type OpProfile struct {
	Rows, Bytes int64         // given
	Time        time.Duration // spent in it, in all lanes together, without what it waited for
	Memory      int64         // bytes of the budget held at once, in one lane
	Spilled     int64         // bytes written to spill files
}

// Add adds another part of the same run.
func (o *OpProfile) Add(part OpProfile) {
	o.Rows += part.Rows
	o.Bytes += part.Bytes
	o.Time += part.Time
	o.Memory = max(o.Memory, part.Memory)
	o.Spilled += part.Spilled
}

// StageProfile is a stage of a run, operator by operator: first the scan or input, then each of Steps, then the lanes' part
// of the gather, then the gather.
type StageProfile struct {
	Stage *Stage
	Ops   []OpProfile
	Nodes []NodeProfile // by name; nil where one process ran all
}

// NodeProfile is what a node of a cluster did of a stage.
type NodeProfile struct {
	Node      string // "" for this process
	Splits    int    // of the scan
	Exchanged int    // parts of an exchange that it made or reduced
	Read      int64  // rows of the scan
	// Rows and Bytes are what it made in all, for the session and for other nodes.
	Rows, Bytes int64
}

// String is one line.
func (n NodeProfile) String() string {
	var did []string
	if n.Splits > 0 {
		did = append(did, fmt.Sprintf("%d splits, %d rows read", n.Splits, n.Read))
	}
	if n.Exchanged > 0 {
		did = append(did, fmt.Sprintf("%d parts exchanged", n.Exchanged))
	}
	did = append(did, fmt.Sprintf("%d rows made (%s)", n.Rows, size(n.Bytes)))
	where := "in the session"
	if n.Node != "" {
		where = "on " + n.Node
	}
	return where + ": " + strings.Join(did, ", ")
}

// Profile is what a run did. Stages are in the order in which they were run.
type Profile struct {
	Stages []StageProfile
	Took   time.Duration
}

// NewProfile is a profile with nothing measured of the stages that last needs.
func NewProfile(last *Stage) *Profile {
	p := &Profile{}
	for _, s := range last.All() {
		p.Stages = append(p.Stages, StageProfile{Stage: s, Ops: make([]OpProfile, len(s.Steps)+3)})
	}
	return p
}

// String is a table of the operators.
func (p *Profile) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "last run: %s\n", roundTime(p.Took))
	for _, s := range p.Stages {
		fmt.Fprintf(w, "  stage %d\trows\tbytes\ttime\tmemory\tspilled\n", s.Stage.ID)
		for i, name := range s.names() {
			if name != "" {
				o := s.Ops[i]
				fmt.Fprintf(w, "    %s\t%d\t%s\t%s\t%s\t%s\n", name, o.Rows, size(o.Bytes), roundTime(o.Time), size(o.Memory), size(o.Spilled))
			}
		}
		s.where(w)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

// mostNodes is how many nodes of a stage are listed one by one.
const mostNodes = 16

// where lists the nodes; lines without tabs leave the table's columns alone.
func (s StageProfile) where(w io.Writer) {
	rest := NodeProfile{}
	for i, n := range s.Nodes {
		if i < mostNodes {
			fmt.Fprintf(w, "    %s\n", n)
			continue
		}
		rest.Splits += n.Splits
		rest.Exchanged += n.Exchanged
		rest.Read += n.Read
		rest.Rows += n.Rows
		rest.Bytes += n.Bytes
	}
	if more := len(s.Nodes) - mostNodes; more > 0 {
		rest.Node = fmt.Sprintf("%d more nodes", more)
		fmt.Fprintf(w, "    %s\n", rest)
	}
}

// names are those of the operators, empty where there is none.
func (s StageProfile) names() []string {
	names := []string{""}
	if s.Stage.Scan != nil {
		names[0] = s.Stage.Scan.String()
	}
	for _, step := range s.Stage.Steps {
		names = append(names, step.String())
	}
	end := ""
	if s.Stage.Scan != nil {
		end = partial(s.Stage.Gather)
	}
	names = append(names, end, "")
	if s.Stage.Gather != nil {
		names[len(names)-1] = gather(s.Stage.Gather)
	}
	for i, name := range names {
		names[i] = shortened(name)
	}
	return names
}

// shortened keeps the table's first column from pushing the figures out of sight.
func shortened(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}

func size(bytes int64) string {
	if bytes == 0 {
		return "-"
	}
	return memory.FormatSize(bytes)
}

// roundTime keeps three digits.
func roundTime(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

type profileKey struct{}

// WithProfile asks runs under the context to give their profiles to keep when they end.
func WithProfile(ctx context.Context, keep func(*Profile)) context.Context {
	return context.WithValue(ctx, profileKey{}, keep)
}

// KeepProfile gives a profile to whoever asked for it.
func KeepProfile(ctx context.Context, p *Profile) {
	if keep, ok := ctx.Value(profileKey{}).(func(*Profile)); ok {
		keep(p)
	}
}
