package exec

import "github.com/apache/arrow/go/v17/arrow"

// shardParter parts what partial aggregates give, by the hash of its keys, into the rows of each shard. It is used by one goroutine.
type shardParter struct {
	env    *Env
	spec   *AggSpec
	hasher keyHasher
	hashes []uint64
	ids    [shardCount][]rowID
}

func newShardParter(env *Env, spec *AggSpec) (*shardParter, error) {
	hasher, err := newKeyHasher(spec.codes, spec.keyTypes())
	return &shardParter{env: env, spec: spec, hasher: hasher}, err
}

// part parts a state, or rows, at most maxRows of them, which the caller keeps. take is given the rows of a shard, which it owns.
func (s *shardParter) part(state arrow.Record, take func(shard int, rec arrow.Record) error) error {
	s.hashes = sized(s.hashes, int(state.NumRows()))
	if err := s.hasher.hashKeys(state.Columns()[:len(s.spec.keys)], s.hashes); err != nil {
		return err
	}
	return s.spread(state, s.hashes, take)
}

// spread is part where the hashes are known.
func (s *shardParter) spread(state arrow.Record, hashes []uint64, take func(shard int, rec arrow.Record) error) error {
	for i := range s.ids {
		s.ids[i] = s.ids[i][:0]
	}
	for row, h := range hashes {
		i := h >> shardShift % shardCount
		s.ids[i] = append(s.ids[i], rowID(row))
	}
	schema := s.spec.schemaOf(state)
	for i, ids := range s.ids {
		rec, err := pickRows(s.env, schema, state, ids)
		if err == nil && rec != nil {
			err = take(i, rec)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
