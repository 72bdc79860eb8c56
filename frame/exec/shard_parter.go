package exec

import "github.com/apache/arrow/go/v17/arrow"

// shardParter parts what partial aggregates give, by the hash of its keys, into the rows of each shard. It is used by one goroutine.
type shardParter struct {
	spec   *AggSpec
	hasher keyHasher
	hashes []uint64
	split  hashSplit
}

func newShardParter(env *Env, spec *AggSpec) (*shardParter, error) {
	hasher, err := newKeyHasher(spec.codes, spec.keyTypes())
	return &shardParter{spec: spec, hasher: hasher, split: newHashSplit(env, shardShift, shardCount)}, err
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
	return s.split.spread(s.spec.schemaOf(state), state, hashes, take)
}
