package exec

import (
	"context"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// JoinPart joins one part of the probe side, its input, with the same part of the build side; both were parted by the join's keys (see
// NewKeyParter). Rows come as those of a partition that spilled: those of the build side that matched nothing follow.
func JoinPart(env *Env, spec JoinSpec, build batch.Stream) batch.Op {
	return func(ctx context.Context, probe batch.Stream) batch.Stream {
		return generate(ctx, "join", func(emit emitFunc) error {
			columns, err := spec.resolve()
			if err != nil {
				return err
			}
			// All rows have the same first bits of the hash: what spills is parted by the next.
			t, err := buildTable(ctx, env, columns, &spillFile{env: env}, 1, batch.PlainStream(env.Mem, build))
			if err != nil {
				return err
			}
			defer t.Close()
			file := &spillFile{env: env}
			defer file.close()
			return t.joinAll(ctx, file, batch.PlainStream(env.Mem, probe), emit)
		})
	}
}
