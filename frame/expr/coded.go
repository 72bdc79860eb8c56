package expr

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// codedRows is how many rows a word has to stand for, on average, for words to be looked at in place of rows.
const codedRows = 2

// strictText are the functions that give null for null, and no error whatever the text.
var strictText = map[string]bool{
	"lower": true, "upper": true, "trim": true, "length": true, "contains": true, "starts_with": true, "ends_with": true, "like": true,
	"replace": true, "substr": true,
}

// codedNode is an expression over one column: where that is coded, it is evaluated over the words.
type codedNode struct {
	index int
	rows  node // over the batch
	words node // over a batch of the column alone
	known atomic.Pointer[wordTruths]
}

// wordTruths is what a condition says of words that batches share, so that it is asked once.
type wordTruths struct {
	words arrow.ArrayData          // only to be compared: their memory may be given back
	rows  atomic.Int64             // that were coded by them so far
	bits  atomic.Pointer[[]uint32] // nil until it was asked; see truthBits
}

func (n *codedNode) typ() arrow.DataType { return n.rows.typ() }

func (n *codedNode) eval(b *block) (arrow.Array, error) {
	if n.index >= int(b.rec.NumCols()) || !batch.IsCoded(b.rec.Column(n.index)) {
		return n.rows.eval(b)
	}
	column := b.rec.Column(n.index)
	known := n.known.Load()
	if known == nil || known.words != batch.Words(column) {
		known = &wordTruths{words: batch.Words(column)}
		n.known.Store(known)
	}
	if bits := known.bits.Load(); bits != nil {
		return n.takeTruths(b, *bits, column), nil
	}
	words := array.MakeFromData(batch.Words(column))
	defer words.Release()
	rows := int64(b.rows)
	if n.typ().ID() == arrow.BOOL {
		rows = known.rows.Add(rows)
	}
	if int64(words.Len()*codedRows) > rows {
		return n.rows.eval(b)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "word", Type: words.DataType()}}, nil)
	rec := array.NewRecord(schema, []arrow.Array{words}, int64(words.Len()))
	defer rec.Release()
	values, err := n.words.eval(&block{ctx: b.ctx, mem: b.mem, rec: rec, rows: words.Len()})
	if err != nil { // which may be of a word that no row has
		return n.rows.eval(b)
	}
	defer values.Release()
	if truths, ok := values.(*array.Boolean); ok && values.NullN() == 0 {
		bits := truthBits(truths)
		known.bits.Store(&bits)
		return n.takeTruths(b, bits, column), nil
	}
	return batch.TakeCodes(b.mem, values, column)
}

func (n *codedNode) takeTruths(b *block, bits []uint32, column arrow.Array) arrow.Array {
	buf, out := newBits(b.mem, b.rows)
	takeTruths(out, bits, batch.Codes(column))
	return makeArray(n.typ(), b.rows, validity(b.mem, column), buf)
}

// truthBits is the truth of each word, a bit each; nil where none is true.
func truthBits(words *array.Boolean) []uint32 {
	bits := make([]uint32, max((words.Len()+31)/32, 1)) // of null the code may be 0 where there are no words
	raw := words.Data().Buffers()[1].Bytes()
	some := uint64(0)
	for i := 0; i < words.Len(); i += 64 {
		w := word(raw, words.Data().Offset()+i, words.Len()-i)
		some |= w
		if bits[i/32] = uint32(w); i/32+1 < len(bits) {
			bits[i/32+1] = uint32(w >> 32)
		}
	}
	if some == 0 {
		return nil
	}
	return bits
}

// takeTruths gives the truth of each row's word.
func takeTruths(out []byte, bits, codes []uint32) {
	if bits == nil {
		clear(out)
		return
	}
	for i := wideTruths(out, codes, bits); i < len(codes); i += 64 {
		rows := codes[i:min(i+64, len(codes))]
		var w uint64
		for _, c := range rows {
			w = w>>1 | uint64(bits[c/32]>>(c%32))<<63
		}
		putWord(out, i, len(codes), w>>uint(64-len(rows)))
	}
}

// Worded are the columns that a predicate looks at in no way but one that can be taken for each of their words once.
func Worded(e Expr) map[string]bool {
	found := map[string]bool{}
	worded(e, found)
	return found
}

func worded(e Expr, found map[string]bool) {
	columns := Columns(e)
	if len(columns) == 1 && Strict(e) {
		if _, ok := found[columns[0]]; !ok {
			found[columns[0]] = true
		}
		return
	}
	if b, ok := e.(Binary); ok && (b.Op == And || b.Op == Or) {
		worded(b.Left, found)
		worded(b.Right, found)
		return
	}
	for _, c := range columns {
		found[c] = false
	}
}

// coded binds e, an operator, once more over the words of its column; nil where e looks at more than one.
func (b *binder) coded(e Expr) (*codedNode, error) {
	if b.words || !Strict(e) {
		return nil, nil
	}
	columns := Columns(e)
	if len(columns) != 1 {
		return nil, nil
	}
	at := b.schema.FieldIndices(columns[0])
	if len(at) == 0 || physicalOf(b.schema.Field(at[0]).Type) == physNone {
		return nil, nil
	}
	b.words = true
	defer func() { b.words = false }()
	rows, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if _, ok := rows.(*constant); ok {
		return nil, nil
	}
	alone := &binder{schema: arrow.NewSchema([]arrow.Field{b.schema.Field(at[0])}, nil), words: true}
	words, err := alone.bind(e)
	if err != nil {
		return nil, fmt.Errorf("over words: %w", err)
	}
	return &codedNode{index: at[0], rows: rows, words: words}, nil
}

// Strict says whether e is an operator that gives null where its text is null, and never an error.
func Strict(e Expr) bool {
	switch e := e.(type) {
	case Binary:
		switch e.Op {
		case And, Or: // a literal could decide alone
			return Strict(e.Left) && Strict(e.Right)
		case Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual:
			return operands(e)
		}
	case Member:
		return operands(e)
	case Call:
		if e.Func == "between" || e.Func == "is_in" { // one of the others could decide alone
			return len(e.Args) > 0 && operands(e) && !slices.ContainsFunc(e.Args[1:], func(x Expr) bool { _, ok := x.(Literal); return !ok })
		}
		return strictText[e.Func] && operands(e)
	}
	return false
}

// operands says whether the operands of e are columns, literals and strict.
func operands(e Expr) bool {
	for _, x := range e.Children() {
		switch x.(type) {
		case Column, Literal:
		default:
			if !Strict(x) {
				return false
			}
		}
	}
	return true
}
