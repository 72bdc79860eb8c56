// get github.com/google/uuid@v1.6.0

package main

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/google/uuid"
)

type order struct {
	ID     uuid.UUID     `json:"id"`
	Parent uuid.NullUUID `json:"parent"`
	Tags   []uuid.UUID   `json:"tags"`
}

type counter byte

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*c)
		*c++
	}
	return len(p), nil
}

func parsing() {
	for _, text := range []string{
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		"{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "6ba7b8109dad11d180b400c04fd430c8", "no uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430cx", "",
	} {
		u, err := uuid.Parse(text)
		fmt.Println(u, err, uuid.Validate(text))
		if uuid.IsInvalidLengthError(err) {
			fmt.Println("length", len(text))
		}
	}
	u, err := uuid.ParseBytes([]byte("00112233-4455-6677-8899-aabbccddeeff"))
	fmt.Printf("%v %v %s %q %x\n", u, err, u, u, u[:])
	fmt.Println(uuid.FromBytes([]byte{1, 2}))
	defer func() { fmt.Println("recovered:", recover()) }()
	uuid.MustParse("x")
}

func kinds() {
	fmt.Println(uuid.NewSHA1(uuid.NameSpaceDNS, []byte("example.com")), uuid.NewMD5(uuid.NameSpaceURL, []byte("example.com")))
	var source counter
	uuid.SetRand(&source)
	u, v := uuid.New(), uuid.Must(uuid.NewRandom())
	uuid.SetRand(nil)
	fmt.Println(u, v, u.Version(), u.Variant(), u == v, u == uuid.Nil, uuid.Max)
	w, err := uuid.NewRandomFromReader(strings.NewReader("0123456789abcdef"))
	fmt.Println(w, err, w.URN())
	_, err = uuid.NewRandomFromReader(strings.NewReader("short"))
	fmt.Println(err)
	x := uuid.MustParse("f47ac10b-58cc-1372-8567-0e02b2c3d479")
	sec, nsec := x.Time().UnixTime()
	fmt.Println(x.Version(), x.Variant(), sec, nsec, x.ClockSequence(), x.NodeID(), x.Domain(), x.ID())
	id, err := uuid.NewV7FromReader(strings.NewReader("0123456789abcdef"))
	fmt.Println(id.Version(), id.Variant(), err, len(uuid.NewString()))
	uuid.SetNodeID([]byte{1, 2, 3, 4, 5, 6})
	one, err := uuid.NewUUID()
	fmt.Println(one.Version(), one.NodeID(), err, uuid.NodeInterface())
	group, _ := uuid.NewDCEGroup()
	fmt.Println(group.Version(), group.Domain())
}

func encodings() {
	o := order{ID: uuid.NameSpaceOID, Tags: []uuid.UUID{uuid.NameSpaceDNS, uuid.Nil}}
	data, err := json.Marshal(o)
	fmt.Println(string(data), err)
	var back order
	err = json.Unmarshal([]byte(`{"id":"6ba7b814-9dad-11d1-80b4-00c04fd430c8","parent":"6ba7b811-9dad-11d1-80b4-00c04fd430c8","tags":[]}`), &back)
	fmt.Println(back.ID == uuid.NameSpaceX500, back.Parent.Valid, back.Parent.UUID, len(back.Tags), err)
	err = json.Unmarshal([]byte(`{"id":"nothing"}`), &back)
	fmt.Println(err)
	text, _ := uuid.NameSpaceURL.MarshalText()
	binary, _ := uuid.NameSpaceURL.MarshalBinary()
	var u uuid.UUID
	fmt.Println(string(text), binary, u.UnmarshalBinary(binary), u == uuid.NameSpaceURL, u.UnmarshalBinary(nil))
	var valuer driver.Valuer = u
	fmt.Println(valuer.Value())
	fmt.Println(u.Scan("6ba7b812-9dad-11d1-80b4-00c04fd430c8"), u, u.Scan(5), u.Scan(nil))
	var n uuid.NullUUID
	fmt.Println(n.Scan(nil), n.Valid, n.Scan(text), n.Valid, n.UUID)
}

func collections() {
	list := uuid.UUIDs{uuid.NameSpaceX500, uuid.NameSpaceDNS, uuid.NameSpaceURL, uuid.Nil}
	sort.Slice(list, func(i, j int) bool { return bytes.Compare(list[i][:], list[j][:]) < 0 })
	fmt.Println(list.Strings())
	names := map[uuid.UUID]string{uuid.NameSpaceDNS: "dns", uuid.NameSpaceURL: "url"}
	fmt.Println(names[uuid.MustParse("6ba7b811-9dad-11d1-80b4-00c04fd430c8")], len(names))
	var err error = errors.New("x")
	fmt.Println(uuid.IsInvalidLengthError(err))
}

func main() {
	parsing()
	kinds()
	encodings()
	collections()
}
