package ray

import (
	"container/heap"
	"math/rand/v2"
)

// simulation is a discrete-event simulation of a run: lanes that submit tasks to slots, object stores that spill, the glue that
// reads streams against credit, the merger that keeps lanes from running ahead, the session that consumes in order. Times are
// seconds, sizes bytes. It goes by a seed alone.
type simulation struct {
	simCluster
	simLoad
	rng *rand.Rand

	now    float64
	events simEvents
	count  int

	nodes   []simNode
	lanes   []*simLane
	waiting []*simTask // for a slot
	driver  []*simLane // streams with something to read, and credit
	reading bool
	taken   int // splits that lanes have

	head, next int // of the merger
	blocks     map[[2]int]simBlock
	consuming  bool

	used, peak, spilled int64
	driverBusy          float64
	consumed            int64 // bytes
}

type simCluster struct {
	Nodes, Slots int // nodes, and slots of each
	Store        int64
	Disk         float64 // bytes a second of a node's disk
	Ahead        int
	Credit       int
	Share        int64 // of the merger, bytes of a lane
	Start, Item  float64
}

type simLoad struct {
	Splits, Blocks int     // Blocks of each split
	Bytes          int64   // of a block
	Make, Jitter   float64 // time of a block, and by which part of it it varies
	Consume        float64 // time of the session for a block
	Stall          float64 // of the session before its first
	Exchange       bool    // nobody consumes until all are made
	Slow           int     // this node takes ten times as long; -1 for none
}

type simNode struct {
	free       int
	used, peak int64
	disk       float64 // when it is free
}

type simBlock struct {
	lane *simLane
	node int
}

type simTask struct {
	lane        *simLane
	node        int
	split, left int // the split that is made, and how many after it
	made        int // blocks of it
	unread      int
	blocked     bool
	ended       bool
}

type simLane struct {
	task    *simTask
	credit  int
	queue   []([2]int) // what came from the glue
	sent    []([2]int) // what the glue can read
	held    int64
	stuck   bool
	queued  bool // with the driver
	done    int  // blocks of the task that the merger took
	of      int
	started float64
	want    int
}

type simEvent struct {
	at  float64
	seq int
	do  func()
}

type simEvents []simEvent

func (e simEvents) Len() int { return len(e) }
func (e simEvents) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e simEvents) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *simEvents) Push(x any)   { *e = append(*e, x.(simEvent)) }
func (e *simEvents) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (s *simulation) after(d float64, do func()) {
	s.count++
	heap.Push(&s.events, simEvent{s.now + d, s.count, do})
}

// simulate runs to the end.
func simulate(c simCluster, l simLoad, seed uint64) *simulation {
	s := &simulation{simCluster: c, simLoad: l, rng: rand.New(rand.NewPCG(seed, 1)), blocks: map[[2]int]simBlock{}}
	for range c.Nodes {
		s.nodes = append(s.nodes, simNode{free: c.Slots})
	}
	for range c.Nodes * c.Slots {
		lane := &simLane{want: 1}
		s.lanes = append(s.lanes, lane)
		s.submit(lane)
	}
	if l.Stall > 0 {
		s.consuming = true
		s.after(l.Stall, func() {
			s.consuming = false
			s.consume()
		})
	}
	for s.events.Len() > 0 {
		e := heap.Pop(&s.events).(simEvent)
		s.now = e.at
		e.do()
	}
	return s
}

// submit starts a task over the next splits.
func (s *simulation) submit(l *simLane) {
	if s.taken == s.Splits {
		return
	}
	n := min(l.want, s.Splits-s.taken)
	t := &simTask{lane: l, split: s.taken, left: n - 1}
	s.taken += n
	l.task, l.credit, l.done, l.of, l.started = t, s.Credit, 0, n*s.Blocks, s.now
	s.waiting = append(s.waiting, t)
	s.schedule()
}

// schedule gives free slots to tasks that wait, on the emptiest node first.
func (s *simulation) schedule() {
	for len(s.waiting) > 0 {
		best := -1
		for i := range s.nodes {
			if s.nodes[i].free > 0 && (best < 0 || s.nodes[i].free > s.nodes[best].free) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		t := s.waiting[0]
		s.waiting = s.waiting[1:]
		t.node = best
		s.nodes[best].free--
		s.after(s.Start, func() { s.make(t) })
	}
}

// make makes the next block of a task, unless too many are unread.
func (s *simulation) make(t *simTask) {
	if t.made == s.Blocks {
		if t.left == 0 {
			t.ended = true
			s.nodes[t.node].free++
			s.schedule()
			return
		}
		t.split, t.left, t.made = t.split+1, t.left-1, 0
	}
	if t.unread >= s.Ahead {
		t.blocked = true
		return
	}
	d := s.Make * (1 + s.Jitter*(2*s.rng.Float64()-1))
	if s.Slow == t.node {
		d *= 10
	}
	s.after(d, func() { s.store(t) })
}

// store puts a block into the object store, which writes others to disk where it is full.
func (s *simulation) store(t *simTask) {
	n := &s.nodes[t.node]
	wait := 0.0
	if n.used+s.Bytes > s.Store {
		n.disk = max(n.disk, s.now) + float64(s.Bytes)/s.Disk
		wait = n.disk - s.now
		s.spilled += s.Bytes
	} else {
		n.used += s.Bytes
		n.peak = max(n.peak, n.used)
		s.used += s.Bytes
		s.peak = max(s.peak, s.used)
	}
	s.after(wait, func() {
		t.lane.sent = append(t.lane.sent, [2]int{t.split, t.made})
		t.made++
		t.unread++
		s.offer(t.lane)
		s.make(t)
	})
}

// offer lets the glue read a stream that has something and credit.
func (s *simulation) offer(l *simLane) {
	if l.queued || l.credit == 0 || len(l.sent) == 0 {
		return
	}
	l.queued = true
	s.driver = append(s.driver, l)
	s.read()
}

func (s *simulation) read() {
	if s.reading || len(s.driver) == 0 {
		return
	}
	s.reading = true
	l := s.driver[0]
	s.driver = s.driver[1:]
	s.driverBusy += s.Item
	s.after(s.Item, func() {
		s.reading, l.queued = false, false
		l.queue = append(l.queue, l.sent[0])
		l.sent = l.sent[1:]
		l.credit--
		t := l.task
		t.unread--
		if t.blocked {
			t.blocked = false
			s.make(t)
		}
		s.offer(l)
		s.put(l)
		s.read()
	})
}

// put gives what came to the merger, until that keeps the lane.
func (s *simulation) put(l *simLane) {
	for len(l.queue) > 0 && !l.stuck {
		id := l.queue[0]
		l.queue = l.queue[1:]
		s.blocks[id] = simBlock{l, l.task.node}
		l.held += s.Bytes
		l.done++
		l.stuck = !s.Exchange && (l.held > s.Share || id[0] > s.head+64)
		l.credit++
		s.offer(l)
	}
	s.consume()
	if l.done == l.of && !l.stuck {
		l.done = 0
		each := (s.now - l.started) / float64(l.of/s.Blocks)
		l.want = min(max(int(taskTime.Seconds()/max(each, 1e-6)), 1), 2*l.want, maxSplits)
		s.submit(l)
	}
}

// consume takes the next block in order.
func (s *simulation) consume() {
	if s.consuming || s.Exchange && len(s.blocks) < s.Splits*s.Blocks && s.head == 0 && s.next == 0 {
		return
	}
	b, ok := s.blocks[[2]int{s.head, s.next}]
	if !ok {
		return
	}
	s.consuming = true
	s.after(s.Consume, func() {
		s.consuming = false
		if n := &s.nodes[b.node]; n.used >= s.Bytes { // else it was on disk
			n.used -= s.Bytes
			s.used -= s.Bytes
		}
		s.consumed += s.Bytes
		b.lane.held -= s.Bytes
		if s.next++; s.next == s.Blocks {
			s.head, s.next = s.head+1, 0
		}
		for _, l := range s.lanes {
			if l.stuck && (l.held <= s.Share) {
				l.stuck = false
				s.put(l)
			}
		}
		s.consume()
	})
}
