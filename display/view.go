package display

func (s *state) bundle(seq int) Bundle {
	return Bundle{Data: map[string]any{"text/plain": s.progressLine()}, Metadata: s.metadata(seq)}
}

func (s *state) progressLine() string { return grouped(s.rows) + " rows" }
