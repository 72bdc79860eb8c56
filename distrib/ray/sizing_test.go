package ray

import (
	"fmt"
	"testing"
)

// sized is the cluster of so many nodes as the engine would use it.
func sized(nodes, cpus int, store int64) simCluster {
	var e Engine
	for i := range nodes {
		e.hello.Nodes = append(e.hello.Nodes, Node{ID: fmt.Sprint(i), CPUs: float64(cpus), StoreBytes: store, MemoryBytes: 4 << 30 * int64(cpus)})
	}
	e.measure()
	return simCluster{
		Nodes: nodes, Slots: cpus, Store: store, Disk: 500e6, Ahead: e.ahead, Credit: e.credit, Share: 1 << 20, Start: 0.005, Item: 0.0005,
	}
}

// most is what the tasks' blocks take of the stores at most: those that are ahead, those on their way, and for each lane one
// in the merger and one that is being made.
func (c simCluster) most(block int64) int64 {
	return int64(c.Nodes*c.Slots) * int64(c.Ahead+c.Credit+2) * block
}

// pace is bytes a second: what the slots make, what the glue reads, what the session consumes, whichever is least.
func (c simCluster) pace(l simLoad) float64 {
	made := float64(c.Nodes*c.Slots) / l.Make
	read := 1 / c.Item
	pace := min(made, read)
	if l.Consume > 0 {
		pace = min(pace, 1/l.Consume)
	}
	return pace * float64(l.Bytes)
}

// TestSizing compares what the formulas of docs/ray.md say with the simulation.
func TestSizing(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		name    string
		cluster simCluster
		load    simLoad
	}{
		{"2 × 1, stalled", sized(2, 1, 600*mib), simLoad{Splits: 40, Blocks: 40, Bytes: 8 * mib, Make: 0.01, Stall: 10, Slow: -1}},
		{"2 × 1, small stores, slow session", sized(2, 1, 200*mib), simLoad{Splits: 40, Blocks: 8, Bytes: 16 * mib, Make: 0.03, Jitter: 0.3, Consume: 0.05, Slow: -1}},
		{"8 × 4, slow session", sized(8, 4, 4*gib), simLoad{Splits: 800, Blocks: 4, Bytes: 16 * mib, Make: 0.03, Jitter: 0.3, Consume: 0.01, Slow: -1}},
		{"8 × 4, a slow node", sized(8, 4, 4*gib), simLoad{Splits: 800, Blocks: 4, Bytes: 16 * mib, Make: 0.03, Jitter: 0.3, Consume: 0.002, Slow: 3}},
		{"100 × 16, small results", sized(100, 16, 20e9), simLoad{Splits: 20_000, Blocks: 1, Bytes: 64 << 10, Make: 0.3, Jitter: 0.3, Consume: 0.0002, Slow: -1}},
		{"100 × 16, slow session", sized(100, 16, 20e9), simLoad{Splits: 8000, Blocks: 8, Bytes: 16 * mib, Make: 0.05, Jitter: 0.3, Consume: 0.002, Slow: -1}},
		{"100 × 16, stalled", sized(100, 16, 20e9), simLoad{Splits: 4000, Blocks: 20, Bytes: 16 * mib, Make: 0.05, Jitter: 0.3, Stall: 60, Slow: -1}},
		{"100 × 16, stores of 2 GB", sized(100, 16, 2e9), simLoad{Splits: 4000, Blocks: 20, Bytes: 16 * mib, Make: 0.05, Jitter: 0.3, Stall: 60, Slow: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := simulate(c.cluster, c.load, 1)
			total := int64(c.load.Splits*c.load.Blocks) * c.load.Bytes
			stores := int64(c.cluster.Nodes) * c.cluster.Store
			bound, pace := c.cluster.most(c.load.Bytes), c.cluster.pace(c.load)
			took := s.now - c.load.Stall
			t.Logf("ahead %d; stores: peak %.1f %%, formula at most %.1f %%; spilled %d MB; %.0f MB/s, formula %.0f; glue busy %.0f %%",
				c.cluster.Ahead, 100*float64(s.peak)/float64(stores), 100*float64(bound)/float64(stores), s.spilled/1e6,
				float64(total)/took/1e6, pace/1e6, 100*s.driverBusy/s.now)
			if s.consumed != total || s.used != 0 {
				t.Fatalf("%d bytes of %d were consumed, %d are left", s.consumed, total, s.used)
			}
			if s.peak > bound || s.spilled > 0 {
				t.Errorf("%d bytes lay in the stores, the formula says at most %d; %d were spilled", s.peak, bound, s.spilled)
			}
			if bound > stores/2+int64(c.cluster.Nodes*c.cluster.Slots)*c.load.Bytes {
				t.Errorf("the formula lets %d bytes lie in stores of %d", bound, stores)
			}
			if c.load.Stall > 0 && s.peak < bound*7/10 {
				t.Errorf("%d bytes lay in the stores, the formula says %d", s.peak, bound)
			}
			if got := float64(total) / took; c.load.Stall == 0 && c.load.Slow < 0 && (got > 1.02*pace || got < 0.75*pace) {
				t.Errorf("%.0f MB/s, the formula says %.0f", got/1e6, pace/1e6)
			}
			if again := simulate(c.cluster, c.load, 1); again.now != s.now || again.peak != s.peak {
				t.Error("the same seed gives something else")
			}
		})
	}
}

// TestSizingOfExchanges: what is exchanged lies in the stores until all of it is made; what they do not hold goes to disk.
func TestSizingOfExchanges(t *testing.T) {
	const mib = 1 << 20
	c := sized(100, 16, 2e9)
	stores := int64(c.Nodes) * c.Store
	for name, part := range map[string]float64{"a third of the stores": 0.33, "one and a half times the stores": 1.5} {
		t.Run(name, func(t *testing.T) {
			blocks := int(part * float64(stores) / (16 * mib))
			l := simLoad{Splits: blocks / 4, Blocks: 4, Bytes: 16 * mib, Make: 0.05, Jitter: 0.3, Slow: -1, Exchange: true}
			s := simulate(c, l, 1)
			total := int64(l.Splits*l.Blocks) * l.Bytes
			spills := max(0, total-stores)
			pace := c.pace(l)
			// Disks write what the stores do not hold, side by side; the rest is made at the pace of the slots.
			took := float64(total-spills)/pace + max(float64(spills)/pace, float64(spills)/float64(c.Nodes)/c.Disk)
			t.Logf("%d GB: peak %.0f %% of the stores; spilled %d GB, formula %d; %.1f s, formula %.1f", total/1e9,
				100*float64(s.peak)/float64(stores), s.spilled/1e9, spills/1e9, s.now, took)
			if s.peak < min(total, stores*97/100) || s.spilled < spills || s.spilled > spills+stores*3/100 {
				t.Errorf("peak %d, spilled %d", s.peak, s.spilled)
			}
			if s.now < took*0.9 || s.now > took*1.25 {
				t.Errorf("%.1f s, the formula says %.1f", s.now, took)
			}
		})
	}
}
