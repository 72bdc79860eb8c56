package expr

// wireWindowParts is what a Window has beside its operands; those are in Args: the operand, the other operands, the default, the keys of the
// partition, those of the order.
type wireWindowParts struct {
	N                    int64
	Operand, Default     bool
	IgnoreNulls          bool
	Others, By           int
	Descending           []bool
	Framed               bool
	Unit                 FrameUnit
	FromOpen, ToOpen     bool
	FromOffset, ToOffset wireValue
}

func (e *Encoder) window(w Window) (Wire, error) {
	p := &wireWindowParts{N: w.N, Operand: w.X != nil, Default: w.Default != nil, IgnoreNulls: w.IgnoreNulls, Others: len(w.Args), By: len(w.By)}
	for _, k := range w.Order {
		p.Descending = append(p.Descending, k.Descending)
	}
	if f := w.Frame; f != nil {
		p.Framed, p.Unit, p.FromOpen, p.ToOpen = true, f.Unit, f.From.Unbounded, f.To.Unbounded
		var err error
		if p.FromOffset, err = encodeValue(f.From.Offset.Value); err != nil {
			return Wire{}, err
		}
		if p.ToOffset, err = encodeValue(f.To.Offset.Value); err != nil {
			return Wire{}, err
		}
	}
	return e.node(Wire{Node: wireWindow, Name: string(w.Func), Window: p}, w.Children()...)
}

func decodeWindow(wire Wire, args []Expr) (Expr, error) {
	p := wire.Window
	if p == nil || p.By < 0 || p.Others < 0 {
		return nil, errWire
	}
	want := p.Others + p.By + len(p.Descending)
	for _, has := range []bool{p.Operand, p.Default} {
		if has {
			want++
		}
	}
	if len(args) != want {
		return nil, errWire
	}
	w := Window{Func: WindowFunc(wire.Name), N: p.N, IgnoreNulls: p.IgnoreNulls}
	if p.Operand {
		w.X, args = args[0], args[1:]
	}
	w.Args, args = args[:p.Others:p.Others], args[p.Others:]
	if p.Default {
		w.Default, args = args[0], args[1:]
	}
	w.By, args = args[:p.By:p.By], args[p.By:]
	for i, descending := range p.Descending {
		w.Order = append(w.Order, OrderKey{args[i], descending})
	}
	if p.Framed {
		w.Frame = &WindowFrame{
			Unit: p.Unit,
			From: FrameBound{p.FromOpen, Literal{p.FromOffset.decode()}},
			To:   FrameBound{p.ToOpen, Literal{p.ToOffset.decode()}},
		}
	}
	return w, nil
}
