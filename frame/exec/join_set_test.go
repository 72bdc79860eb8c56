package exec

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// TestKeysInBudget: the bitmap of keys that lie far apart is one that the budget has memory for, and is given back with the table.
func TestKeysInBudget(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "k", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	const apart = setBits - 1
	for _, budget := range []int64{setBits/8 + 1<<20, setBits / 16} {
		env := testEnv(t, budget)
		build := []arrow.Record{recordOf(env, schema, []row{{int64(3)}, {nil}, {int64(3 + apart)}})}
		spec := JoinSpec{Left: schema, Right: schema, LeftKeys: []string{"k"}, RightKeys: []string{"k"}, Output: schema}
		table, err := BuildJoin(t.Context(), env, spec, batch.FromRecords(build...))
		if err != nil {
			t.Fatal(err)
		}
		before := env.Budget.Used()
		keys := table.Keys()
		switch taken := env.Budget.Used() - before; {
		case budget < setBits/8:
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
