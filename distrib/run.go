package distrib

import (
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// run is one execution of a plan. But for the lanes, all of it happens in the goroutine that pulls its result.
type run struct {
	pool   *Pool
	env    *exec.Env
	last   *plan.Stage
	spine  []*plan.Stage
	tables map[plan.Node]*exec.JoinTable
	builds map[plan.Node]Build            // those that are on a remote engine too
	parted map[plan.Node]*exchange        // build sides that are on a remote engine alone, parted
	codes  map[*plan.Stage]*exec.KeyCodes // of stages whose lanes code the keys of their aggregation
	held   map[*plan.Stage]*heldPart      // shared subplans that have run, by their last stage
	unread map[*plan.Stage]int            // stages that are still to read each

	lineage  *lineage
	lanesNow *lanes // on a remote engine, whose blocks are consumed
	numbers  int    // of stages, and of exchanges beside them

	// preview is the node whose rows are the result's rows, nil where the result is given whole.
	preview *plan.Preview
	counted int64 // rows that reached it

	// between is called between splits; building says that the split belongs to a join's build side.
	between func(building bool) error
	// reduced is called where a part of what a remote engine exchanges was put together.
	reduced func()
	// live is the breaker that is being fed; nil while there is none.
	live gatherer

	profile *plan.Profile
	begins  map[*plan.Stage]int // where a stage's operators begin in meter
	meter   *meter              // of this goroutine
	places  *places

	start    time.Time
	spilled  int64
	progress batch.Progress
	known    int // scans of which all splits are known
	scans    int
	covered  coverage
	building bool
	partial  bool // what is above a breaker runs on a part of its result
}

func newRun(p *Pool, n plan.Node) *run {
	last := plan.Cut(p.optimize(n))
	r := &run{
		pool: p, env: p.env, lineage: newLineage(p.engine), last: last, spine: last.Spine(), tables: map[plan.Node]*exec.JoinTable{}, builds: map[plan.Node]Build{},
		parted: map[plan.Node]*exchange{}, numbers: last.ID,
		codes: map[*plan.Stage]*exec.KeyCodes{}, held: map[*plan.Stage]*heldPart{}, unread: map[*plan.Stage]int{},
		between: func(bool) error { return nil }, reduced: func() {},
		start: time.Now(), spilled: memory.SpilledBytes(),
	}
	r.profile, r.begins, r.places = plan.NewProfile(last), map[*plan.Stage]int{}, newPlaces(p.engine)
	operators := 0
	for _, s := range r.profile.Stages {
		r.begins[s.Stage] = operators
		if s.Stage.Part != nil {
			r.unread[s.Stage.Part]++
		}
		operators += len(s.Ops)
	}
	r.meter = newMeter(operators)
	r.preview = previewOf(last)
	scans := last.Scans()
	r.scans = len(scans)
	r.covered.streamed = r.spine[0].Scan.Source.Name()
	for _, s := range scans {
		size := s.Source.Size()
		if size <= 0 {
			r.progress.BytesTotal = 0
			break
		}
		r.progress.BytesTotal += size
	}
	return r
}

// previewOf finds the preview at the top of a plan, under projections at most: those keep the number of rows.
func previewOf(s *plan.Stage) *plan.Preview {
	for ; s != nil; s = s.Input {
		if p, ok := s.Gather.(*plan.Preview); ok {
			return p
		}
		if s.Gather != nil || slices.ContainsFunc(s.Steps, func(n plan.Node) bool { _, ok := n.(*plan.Project); return !ok }) {
			return nil
		}
	}
	return nil
}

func (r *run) close() {
	for _, t := range r.tables {
		t.Close()
	}
	clear(r.tables)
	for _, b := range r.builds {
		r.pool.engine.Free(b.Blocks...)
	}
	clear(r.builds)
	for _, x := range r.parted {
		x.close()
	}
	clear(r.parted)
	for _, h := range r.held {
		h.close()
	}
	clear(r.held)
	r.lineage.close()
	for _, c := range r.codes {
		c.Close()
	}
	clear(r.codes)
}

// result is the plan's result. The run is closed when the stream has ended.
func (r *run) result(ctx context.Context) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		defer func() {
			r.close()
			plan.KeepProfile(ctx, r.measured())
		}()
		for _, s := range r.spine {
			if err := r.build(ctx, s); err != nil {
				yield(nil, err)
				return
			}
		}
		out := r.spineOf(ctx, r.spine)
		for rec, err := range r.into(out, r.meter.outside()) {
			if err != nil && ctx.Err() != nil {
				err = ctx.Err()
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// build runs what a stage needs: the shared subplan that it reads, and the build sides of its joins, whose tables it fills.
func (r *run) build(ctx context.Context, s *plan.Stage) error {
	if s.Part != nil {
		if err := r.share(ctx, s.Part); err != nil {
			return err
		}
	}
	builds := s.Builds
	for i, step := range s.Steps {
		join, ok := step.(*plan.Join)
		if !ok {
			continue
		}
		if err := r.buildTable(ctx, join, builds[0], r.stepAt(s, i)); err != nil {
			return err
		}
		builds = builds[1:]
	}
	return nil
}

// spineOf gives the result of stages that follow each other.
func (r *run) spineOf(ctx context.Context, spine []*plan.Stage) flow {
	if remote, ok := r.pool.engine.(Remote); ok {
		return r.spreading(ctx, remote, spine)
	}
	return r.above(ctx, spine[1:], r.bottom(ctx, spine[0]), &r.counted)
}

// buildTable fills the table of a join, which the meter knows as at.
func (r *run) buildTable(ctx context.Context, join *plan.Join, s *plan.Stage, at int) error {
	spine := s.Spine()
	for _, stage := range spine {
		if err := r.build(ctx, stage); err != nil {
			return err
		}
	}
	was := r.building
	r.building = true
	defer func() { r.building = was }()
	if remote, ok := r.pool.engine.(Remote); ok {
		return r.buildRemote(ctx, remote, join, spine, at)
	}
	var ignored int64
	table, err := r.tableOf(ctx, join, r.above(ctx, spine[1:], r.bottom(ctx, spine[0]), &ignored), at)
	if err == nil {
		r.tables[join] = table
		r.wasRead(spine[0])
	}
	return err
}

// tableOf is the table of a join over its build side.
func (r *run) tableOf(ctx context.Context, join *plan.Join, in flow, at int) (*exec.JoinTable, error) {
	before := r.meter.on
	defer r.meter.enter(before)
	return exec.BuildJoin(ctx, r.own(at), joinSpec(join), r.into(in, at))
}

func joinSpec(j *plan.Join) exec.JoinSpec {
	return exec.JoinSpec{
		Left: j.Left.Schema(), Right: j.Right.Schema(), Output: j.Schema(),
		LeftKeys: j.LeftKeys, RightKeys: j.RightKeys, Kind: j.Kind, AsOf: j.AsOf, Where: j.Where, Pairs: j.Pairs(),
	}
}

// bottom runs the stage over a scan: in the lanes as far as its joins' tables are in memory.
func (r *run) bottom(ctx context.Context, s *plan.Stage) flow {
	f := s.Fragment()
	building := r.building
	resident, tables := r.resident(f.Steps)
	if outer := r.outer(f.Steps[:resident]); resident < len(s.Steps) || outer != nil {
		f.Steps, f.End = f.Steps[:resident], nil
		in := withUnmatched(ctx, outer, r.scan(ctx, s, f, tables, building))
		return r.rest(ctx, s, resident, flow{in, r.meter.outside()}, &r.counted)
	}
	if err := r.code(s); err != nil {
		return flow{batch.Fail(err), r.meter.outside()}
	}
	return r.gather(ctx, s, flow{r.scan(ctx, s, f, tables, building), r.meter.outside()}, !building)
}

// code has the lanes of a stage code the keys of their aggregation, where there is one and they run in this process.
func (r *run) code(s *plan.Stage) error {
	n, ok := s.Gather.(*plan.Aggregate)
	if !ok {
		return nil
	}
	spec, err := exec.NewAggSpec(s.Lane(), n.Keys, n.Aggs)
	if err != nil {
		return err
	}
	if codes := exec.NewKeyCodes(r.own(r.gatherAt(s)), spec); codes != nil {
		r.codes[s] = codes
	}
	return nil
}

// scan is the blocks that the lanes make of a stage's scan, in order.
func (r *run) scan(ctx context.Context, s *plan.Stage, f plan.Fragment, tables []*exec.JoinTable, building bool) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		r.lanes(ctx, s, Task{Fragment: f, Tables: tables}, building).stream(ctx, yield)
	}
}

// lanes makes the lanes of a stage's scan, which do what task says.
func (r *run) lanes(ctx context.Context, s *plan.Stage, task Task, building bool) *lanes {
	f := task.Fragment
	counting := !building && f.End != nil && f.End == plan.Node(r.preview)
	task.Stage, task.Source, task.Codes, task.Builds = s.ID, s.Scan.Source.Name(), r.codes[s], r.buildsOf(f.Steps)
	src := narrowed(s.Scan, f.Steps, r.tables)
	if s.Part != nil {
		src = r.held[s.Part]
	}
	want := r.pool.splitBytes(task, src.Size())
	r.lineage.scanned(task, src, want)
	l := &lanes{
		engine: r.pool.engine, task: task, queue: newQueue(ctx, src, want),
		merger: newMerger(r.pool.engine.Slots(), r.pool.shareBytes()), lineage: r.lineage, placed: r.places.add,
	}
	known := 0
	l.split = func(d Done) error {
		if counting {
			r.counted += d.Counted
		}
		if s.Part != nil {
			r.countAt(r.begins[s], s, 0, d)
			return nil
		}
		if total := l.queue.total(); total > 0 && known == 0 {
			known = total
			r.known++
			r.progress.SplitsTotal += known
		}
		r.countAt(r.begins[s], s, 0, d)
		return r.finish(d, building)
	}
	return l
}

// resident says how many steps can run in the lanes, and gives the tables of their joins: up to a join whose table is not in
// memory, or through a full join, which has rows to give when all lanes have ended.
func (r *run) resident(steps []plan.Node) (int, []*exec.JoinTable) {
	var tables []*exec.JoinTable
	for i, step := range steps {
		if _, ok := step.(*plan.Join); !ok {
			continue
		}
		t := r.tables[step]
		if t == nil || !t.Resident() { // on a remote engine it may have none
			return i, tables
		}
		if r.partial {
			t = t.Part()
		}
		tables = append(tables, t)
		if r.outer(steps[:i+1]) != nil {
			return i + 1, tables
		}
	}
	return len(steps), tables
}

// outer is the table of the full join with which steps end, nil where they do not, or where rows are still to come.
func (r *run) outer(steps []plan.Node) *exec.JoinTable {
	if len(steps) == 0 || r.partial {
		return nil
	}
	if join, ok := steps[len(steps)-1].(*plan.Join); ok && join.Kind == plan.Full {
		return r.tables[join]
	}
	return nil
}

// withUnmatched adds to the rows of a full join those of the build side that matched nothing. table nil adds none.
func withUnmatched(ctx context.Context, table *exec.JoinTable, in batch.Stream) batch.Stream {
	if table == nil {
		return in
	}
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range in {
			if !yield(rec, err) || err != nil {
				return
			}
		}
		table.Unmatched(ctx)(yield)
	}
}

// finish accounts for a split that was consumed.
func (r *run) finish(d Done, building bool) error {
	r.progress.Splits++
	r.progress.Rows += d.Rows
	r.progress.Bytes += d.Stored
	r.covered.add(d.Covered, building)
	return r.between(building)
}

// gather puts the lanes' blocks, to which they have applied their part of the gather, together.
func (r *run) gather(ctx context.Context, s *plan.Stage, blocks flow, live bool) flow {
	at := r.gatherAt(s)
	if s.Gather == nil {
		return blocks
	}
	env, in := r.own(at), r.into(blocks, at)
	if breaker(s.Gather) {
		return flow{drain(ctx, func() (gatherer, error) {
			g, err := newGatherer(env, s.Lane(), s.Gather, r.codes[s])
			if live {
				r.live = g
			}
			return g, err
		}, in), at}
	}
	op, err := streaming(env, s.Lane(), s.Gather)
	if err != nil {
		return flow{batch.Fail(err), at}
	}
	return flow{op(ctx, in), at}
}

// above runs stages over the flow of the one below them.
func (r *run) above(ctx context.Context, stages []*plan.Stage, in flow, counted *int64) flow {
	for _, s := range stages {
		in = r.rest(ctx, s, 0, in, counted)
	}
	return in
}

// rest runs the steps of stage s from one on, and the stage's gather, over a flow.
func (r *run) rest(ctx context.Context, s *plan.Stage, from int, in flow, counted *int64) flow {
	return r.whole(ctx, s, r.steps(ctx, s, from, len(s.Steps), in), counted)
}

// steps runs some steps of a stage over a flow.
func (r *run) steps(ctx context.Context, s *plan.Stage, from, to int, in flow) flow {
	for from < to {
		steps, at := s.Steps[from:to], r.stepAt(s, from)
		resident, tables := r.resident(steps)
		if resident == 0 {
			in = flow{r.tables[steps[0]].Spilled(ctx, r.into(in, at)), at}
			from++
			continue
		}
		op, _, err := compileSteps(r.env, steps[0].Inputs()[0].Schema(), steps[:resident], tables, r.measuring(), at)
		if err != nil {
			return flow{batch.Fail(err), at}
		}
		in = flow{withUnmatched(ctx, r.outer(steps[:resident]), op(ctx, r.into(in, at))), at + resident - 1}
		from += resident
	}
	return in
}

// whole runs a stage's gather over a flow that no lane has worked on.
func (r *run) whole(ctx context.Context, s *plan.Stage, in flow, counted *int64) flow {
	if p, ok := s.Gather.(*plan.Preview); ok && p == r.preview {
		in.Stream = count(in.Stream, counted)
	}
	switch n := s.Gather.(type) {
	case *plan.Aggregate, *plan.Sort:
		at := r.partialAt(s)
		partial, err := compilePartial(r.own(at), s.Lane(), n, nil)
		if err != nil {
			return flow{batch.Fail(err), at}
		}
		in = flow{inChunks(ctx, partial, r.into(in, at)), at}
	}
	return r.gather(ctx, s, in, false)
}

// fresh is a number for tasks beside those of the plan's stages.
func (r *run) fresh() int {
	r.numbers++
	return r.numbers
}
