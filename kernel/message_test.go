package kernel

import (
	"errors"
	"testing"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

func FuzzDecode(f *testing.F) {
	unsigned, signed := newCodec(""), newCodec("secret")
	frames, _, err := unsigned.encode(outgoing{kind: "kernel_info_request", content: object{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("id"), frames[0], frames[1], frames[2], frames[3], frames[4], frames[5])
	f.Add([]byte{}, []byte("<IDS|MSG>"), []byte("00"), []byte("{"), []byte("[]"), []byte("null"), []byte(`{"a":1e999}`))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h []byte) {
		m := zmtp.Message{a, b, c, d, e, g, h}
		r, err := unsigned.decode(nil, m)
		switch {
		case err == nil && (r.MsgID == "" || r.MsgType == ""):
			t.Error("a request without msg_id or msg_type")
		case err != nil && !errors.Is(err, errMalformed):
			t.Errorf("error %v", err)
		}
		if _, err := signed.decode(nil, m); err == nil {
			t.Error("a signature was guessed")
		}
	})
}

func TestEncodeDecode(t *testing.T) {
	c := newCodec("secret")
	frames, id, err := c.encode(outgoing{kind: "x_request", content: object{"html": "<b>"}, metadata: object{"m": 1}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.decode(nil, append(zmtp.Message{[]byte("route")}, append(frames, []byte("buffer"))...))
	if err != nil {
		t.Fatal(err)
	}
	if r.MsgID != id || r.MsgType != "x_request" || string(r.content) != `{"html":"<b>"}` || r.metadata["m"] != 1.0 ||
		string(r.envelope[0]) != "route" || string(r.buffers[0]) != "buffer" || r.Version != ProtocolVersion {
		t.Errorf("%+v", r)
	}
	frames[5] = []byte(`{"html":"<i>"}`)
	if _, err := c.decode(nil, frames); !errors.Is(err, errSignature) {
		t.Errorf("changed content: %v", err)
	}
}
