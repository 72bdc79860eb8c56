package exec

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestKeysInBudget: the bitmap of keys that lie far apart is one that the budget has memory for, and is given back with the table.
func TestKeysInBudget(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.BinaryTypes.String}, {Name: "k", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)
	const apart = setBits - 1
	for _, c := range []struct {
		budget int64
		on     []string
	}{
		{setBits/8 + 1<<20, []string{"k"}},
		{setBits / 16, []string{"k"}},
		{setBits/8 + 1<<20, []string{"s", "k"}},
		{setBits / 16, []string{"s", "k"}},
	} {
		env := testEnv(t, c.budget)
		build := []arrow.Record{recordOf(env, schema, []row{{"a", int64(3)}, {"b", nil}, {"c", int64(3 + apart)}})}
		spec := JoinSpec{Left: schema, Right: schema, LeftKeys: c.on, RightKeys: c.on, Output: schema, Kind: plan.Semi}
		table, err := BuildJoin(t.Context(), env, spec, batch.FromRecords(build...))
		if err != nil {
			t.Fatal(err)
		}
		before := env.Budget.Used()
		keys := table.Keys(len(c.on) - 1)
		switch taken := env.Budget.Used() - before; {
		case c.budget < setBits/8:
			if keys != nil || taken != 0 {
				t.Errorf("a bitmap: %t, %d bytes", keys != nil, taken)
			}
		case keys == nil:
			t.Error("no bitmap")
		case taken < setBits/8-workingBytes || !keys.Has(3) || !keys.Has(3+apart) || keys.Has(4):
			t.Errorf("%d bytes are reserved for keys from %d to %d", taken, keys.Least, keys.Greatest())
		}
		table.Close()
		if used := env.Budget.Used(); used != 0 {
			t.Errorf("%d bytes are still reserved", used)
		}
	}
}
