#include "textflag.h"

// Rows are taken in vectors of four, eight or sixteen rows a step.

// PAIRS computes out[i] = x[i] OP y[i].
#define PAIRS(OP) \
	MOVQ out+0(FP), DI \
	MOVQ x+8(FP), SI \
	MOVQ y+16(FP), DX \
	MOVQ n+24(FP), CX \
loop: \
	VMOVUPD (SI), Y0 \
	VMOVUPD 32(SI), Y1 \
	OP (DX), Y0, Y0 \
	OP 32(DX), Y1, Y1 \
	VMOVUPD Y0, (DI) \
	VMOVUPD Y1, 32(DI) \
	ADDQ $64, SI \
	ADDQ $64, DX \
	ADDQ $64, DI \
	SUBQ $8, CX \
	JNZ loop \
	VZEROUPPER \
	RET

// WITH computes out[i] = x[i] OP s.
#define WITH(OP) \
	MOVQ out+0(FP), DI \
	MOVQ x+8(FP), SI \
	VBROADCASTSD s+16(FP), Y2 \
	MOVQ n+24(FP), CX \
loop: \
	VMOVUPD (SI), Y0 \
	VMOVUPD 32(SI), Y1 \
	OP Y2, Y0, Y0 \
	OP Y2, Y1, Y1 \
	VMOVUPD Y0, (DI) \
	VMOVUPD Y1, 32(DI) \
	ADDQ $64, SI \
	ADDQ $64, DI \
	SUBQ $8, CX \
	JNZ loop \
	VZEROUPPER \
	RET

// FLOATS4 and INTS4 compare the constant in Y2 with four rows and put their bits into R8; COMPARE takes sixteen rows a step.
#define FLOATS4(PREDICATE, AT, SHIFT) \
	VCMPPD    $PREDICATE, AT(SI), Y2, Y0 \
	VMOVMSKPD Y0, AX \
	SHLL      $SHIFT, AX \
	ORL       AX, R8

#define INTS4(OP, AT, SHIFT) \
	OP        AT(SI), Y2, Y0 \
	VMOVMSKPD Y0, AX \
	SHLL      $SHIFT, AX \
	ORL       AX, R8

#define COMPARE(TEST, HOW) \
	MOVQ         out+0(FP), DI \
	MOVQ         x+8(FP), SI \
	VPBROADCASTQ s+16(FP), Y2 \
	MOVQ         n+24(FP), CX \
	MOVQ         invert+32(FP), DX \
loop: \
	XORL R8, R8 \
	TEST(HOW, 0, 0) \
	TEST(HOW, 32, 4) \
	TEST(HOW, 64, 8) \
	TEST(HOW, 96, 12) \
	XORL DX, R8 \
	MOVW R8, (DI) \
	ADDQ $128, SI \
	ADDQ $2, DI \
	SUBQ $16, CX \
	JNZ  loop \
	VZEROUPPER \
	RET

// INTS8 is as INTS4, of eight rows of 32 bits; COMPARE32 takes 32 rows a step.
#define INTS8(OP, AT, SHIFT) \
	OP        AT(SI), Y2, Y0 \
	VMOVMSKPS Y0, AX \
	SHLL      $SHIFT, AX \
	ORL       AX, R8

#define COMPARE32(OP) \
	MOVQ         out+0(FP), DI \
	MOVQ         x+8(FP), SI \
	VPBROADCASTD s+16(FP), Y2 \
	MOVQ         n+24(FP), CX \
	MOVQ         invert+32(FP), DX \
loop: \
	XORL R8, R8 \
	INTS8(OP, 0, 0) \
	INTS8(OP, 32, 8) \
	INTS8(OP, 64, 16) \
	INTS8(OP, 96, 24) \
	XORL DX, R8 \
	MOVL R8, (DI) \
	ADDQ $128, SI \
	ADDQ $4, DI \
	SUBQ $32, CX \
	JNZ  loop \
	VZEROUPPER \
	RET

// ROWS4 and ROWS8 compare rows of two columns, of 64 and of 32 bits; EACH takes 128 bytes of both a step, whose bits are of the width BITS.
#define ROWS4(OP, AT, SHIFT) \
	VMOVDQU AT(BX), Y2 \
	INTS4(OP, AT, SHIFT)

#define ROWS8(OP, AT, SHIFT) \
	VMOVDQU AT(BX), Y2 \
	INTS8(OP, AT, SHIFT)

#define EACH(ROWS, OP, STORE, BITS) \
	MOVQ out+0(FP), DI \
	MOVQ x+8(FP), SI \
	MOVQ y+16(FP), BX \
	MOVQ n+24(FP), CX \
	MOVQ invert+32(FP), DX \
loop: \
	XORL R8, R8 \
	ROWS(OP, 0, 0) \
	ROWS(OP, 32, (BITS/4)) \
	ROWS(OP, 64, (BITS/2)) \
	ROWS(OP, 96, (BITS/4*3)) \
	XORL DX, R8 \
	STORE R8, (DI) \
	ADDQ $128, SI \
	ADDQ $128, BX \
	ADDQ $(BITS/8), DI \
	SUBQ $BITS, CX \
	JNZ  loop \
	VZEROUPPER \
	RET

// func addPairsAVX2(out, x, y unsafe.Pointer, n int)
TEXT ·addPairsAVX2(SB), NOSPLIT, $0-32
	PAIRS(VADDPD)

// func subtractPairsAVX2(out, x, y unsafe.Pointer, n int)
TEXT ·subtractPairsAVX2(SB), NOSPLIT, $0-32
	PAIRS(VSUBPD)

// func multiplyPairsAVX2(out, x, y unsafe.Pointer, n int)
TEXT ·multiplyPairsAVX2(SB), NOSPLIT, $0-32
	PAIRS(VMULPD)

// func addScalarAVX2(out, x unsafe.Pointer, s float64, n int)
TEXT ·addScalarAVX2(SB), NOSPLIT, $0-32
	WITH(VADDPD)

// func multiplyScalarAVX2(out, x unsafe.Pointer, s float64, n int)
TEXT ·multiplyScalarAVX2(SB), NOSPLIT, $0-32
	WITH(VMULPD)

// func multiplyShortAVX2(out, x unsafe.Pointer, s int64, n int) (done int)
TEXT ·multiplyShortAVX2(SB), NOSPLIT, $0-40
	MOVQ         out+0(FP), DI
	MOVQ         x+8(FP), SI
	VPBROADCASTQ s+16(FP), Y2
	MOVQ         n+24(FP), CX
	MOVQ         CX, BX
	MOVQ         $0x80000000, AX
	MOVQ         AX, X3
	VPBROADCASTQ X3, Y3
	MOVQ         $0xffffffff00000000, AX
	MOVQ         AX, X4
	VPBROADCASTQ X4, Y4

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPADDQ  Y3, Y0, Y5 // x + 2^31: beyond 32 bits where x is
	VPADDQ  Y3, Y1, Y6
	VPOR    Y5, Y6, Y5
	VPTEST  Y4, Y5
	JNZ     end
	VPMULDQ Y2, Y0, Y0
	VPMULDQ Y2, Y1, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JNZ     loop

end:
	VZEROUPPER
	SUBQ CX, BX
	MOVQ BX, done+32(FP)
	RET

// func convertAVX2(out, x unsafe.Pointer, n int) (done int)
TEXT ·convertAVX2(SB), NOSPLIT, $0-32
	MOVQ         out+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	MOVQ         CX, BX
	MOVQ         $0x4338000000000000, AX // 2^52 + 2^51 as a float, to whose bits an integer below 2^51 can be added
	MOVQ         AX, X2
	VPBROADCASTQ X2, Y2
	MOVQ         $0x0008000000000000, AX // 2^51
	MOVQ         AX, X3
	VPBROADCASTQ X3, Y3
	MOVQ         $0xfff0000000000000, AX
	MOVQ         AX, X4
	VPBROADCASTQ X4, Y4

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPADDQ  Y3, Y0, Y5 // x + 2^51: beyond 52 bits where x is too long
	VPADDQ  Y3, Y1, Y6
	VPOR    Y5, Y6, Y5
	VPTEST  Y4, Y5
	JNZ     end
	VPADDQ  Y2, Y0, Y0
	VPADDQ  Y2, Y1, Y1
	VSUBPD  Y2, Y0, Y0
	VSUBPD  Y2, Y1, Y1
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JNZ     loop

end:
	VZEROUPPER
	SUBQ CX, BX
	MOVQ BX, done+24(FP)
	RET

// func equalFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)
TEXT ·equalFloatsAVX2(SB), NOSPLIT, $0-40
	COMPARE(FLOATS4, 0x00)

// func lessFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)
TEXT ·lessFloatsAVX2(SB), NOSPLIT, $0-40
	COMPARE(FLOATS4, 0x1e) // s > x, ordered

// func lessEqualFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)
TEXT ·lessEqualFloatsAVX2(SB), NOSPLIT, $0-40
	COMPARE(FLOATS4, 0x1d) // s >= x, ordered

// func equalIntsAVX2(out, x unsafe.Pointer, s int64, n int, invert uint64)
TEXT ·equalIntsAVX2(SB), NOSPLIT, $0-40
	COMPARE(INTS4, VPCMPEQQ)

// func lessIntsAVX2(out, x unsafe.Pointer, s int64, n int, invert uint64)
TEXT ·lessIntsAVX2(SB), NOSPLIT, $0-40
	COMPARE(INTS4, VPCMPGTQ) // s > x

// func equalDaysAVX2(out, x unsafe.Pointer, s int32, n int, invert uint64)
TEXT ·equalDaysAVX2(SB), NOSPLIT, $0-40
	COMPARE32(VPCMPEQD)

// func lessDaysAVX2(out, x unsafe.Pointer, s int32, n int, invert uint64)
TEXT ·lessDaysAVX2(SB), NOSPLIT, $0-40
	COMPARE32(VPCMPGTD) // s > x

// func equalIntPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)
TEXT ·equalIntPairsAVX2(SB), NOSPLIT, $0-40
	EACH(ROWS4, VPCMPEQQ, MOVW, 16)

// func lessIntPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)
TEXT ·lessIntPairsAVX2(SB), NOSPLIT, $0-40
	EACH(ROWS4, VPCMPGTQ, MOVW, 16) // y > x

// func equalDayPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)
TEXT ·equalDayPairsAVX2(SB), NOSPLIT, $0-40
	EACH(ROWS8, VPCMPEQD, MOVL, 32)

// func lessDayPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)
TEXT ·lessDayPairsAVX2(SB), NOSPLIT, $0-40
	EACH(ROWS8, VPCMPGTD, MOVL, 32) // y > x

DATA bitOfWord<>+0(SB)/4, $31
GLOBL bitOfWord<>(SB), RODATA|NOPTR, $4

// TRUTHS makes eight bits of eight codes in Y0, whose words of the bitmap are in Y1: each is shifted to where its sign is the bit.
#define TRUTHS \
	VPANDN     Y7, Y0, Y0 \
	VPSLLVD    Y0, Y1, Y1 \
	VMOVMSKPS  Y1, AX     \
	MOVB       AX, (DI)

// func fewTruthsAVX2(out, codes, table unsafe.Pointer, n int)
// The bitmap has eight words, which lie in a register.
TEXT ·fewTruthsAVX2(SB), NOSPLIT, $0-32
	MOVQ         out+0(FP), DI
	MOVQ         codes+8(FP), SI
	MOVQ         table+16(FP), BX
	MOVQ         n+24(FP), CX
	VMOVDQU      (BX), Y6
	VPBROADCASTD bitOfWord<>(SB), Y7

loop:
	VMOVDQU (SI), Y0
	VPSRLD  $5, Y0, Y1
	VPERMD  Y6, Y1, Y1
	TRUTHS
	ADDQ    $32, SI
	INCQ    DI
	SUBQ    $8, CX
	JNZ     loop
	VZEROUPPER
	RET

// func truthsAVX2(out, codes, table unsafe.Pointer, last uint32, n int)
TEXT ·truthsAVX2(SB), NOSPLIT, $0-40
	MOVQ         out+0(FP), DI
	MOVQ         codes+8(FP), SI
	MOVQ         table+16(FP), BX
	MOVL         last+24(FP), AX
	VMOVD        AX, X6
	VPBROADCASTD X6, Y6
	MOVQ         n+32(FP), CX
	VPBROADCASTD bitOfWord<>(SB), Y7

loop:
	VMOVDQU    (SI), Y0
	VPSRLD     $5, Y0, Y1
	VPMINUD    Y6, Y1, Y2
	VPCMPEQD   Y3, Y3, Y3
	VPGATHERDD Y3, (BX)(Y2*4), Y1
	TRUTHS
	ADDQ       $32, SI
	INCQ       DI
	SUBQ       $8, CX
	JNZ        loop
	VZEROUPPER
	RET

// func membersAVX2(out, keys unsafe.Pointer, least int64, set unsafe.Pointer, words uint64, n int)
// Of eight keys, four in a vector, it is told which lie within the bitmap, before they become eight of 32 bits.
TEXT ·membersAVX2(SB), NOSPLIT, $0-48
	MOVQ         out+0(FP), DI
	MOVQ         keys+8(FP), SI
	VPBROADCASTQ least+16(FP), Y5
	MOVQ         set+24(FP), BX
	VPBROADCASTQ words+32(FP), Y6
	MOVQ         n+40(FP), CX
	VPBROADCASTD bitOfWord<>(SB), Y7

loop:
	VMOVDQU    (SI), Y0
	VMOVDQU    32(SI), Y1
	VPSUBQ     Y5, Y0, Y0
	VPSUBQ     Y5, Y1, Y1
	VPSRLQ     $5, Y0, Y2
	VPSRLQ     $5, Y1, Y3
	VPCMPGTQ   Y2, Y6, Y2 // words > place
	VPCMPGTQ   Y3, Y6, Y3
	VSHUFPS    $0x88, Y1, Y0, Y0
	VSHUFPS    $0x88, Y3, Y2, Y2
	VPERMQ     $0xD8, Y0, Y0
	VPERMQ     $0xD8, Y2, Y2
	VPSRLD     $5, Y0, Y3
	VPXOR      Y1, Y1, Y1
	VPGATHERDD Y2, (BX)(Y3*4), Y1
	TRUTHS
	ADDQ       $64, SI
	INCQ       DI
	SUBQ       $8, CX
	JNZ        loop
	VZEROUPPER
	RET

// func findPairAVX2(s unsafe.Pointer, n, gap int, a, b byte) (at int)
// It compares 32 places at once, n of them being a multiple of that, with a and what lies gap bytes behind them with b.
TEXT ·findPairAVX2(SB), NOSPLIT, $0-40
	MOVQ         s+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVQ         gap+16(FP), DX
	VPBROADCASTB a+24(FP), Y0
	VPBROADCASTB b+25(FP), Y1
	ADDQ         SI, DX
	XORL         AX, AX

loop:
	VPCMPEQB  (SI)(AX*1), Y0, Y2
	VPCMPEQB  (DX)(AX*1), Y1, Y3
	VPAND     Y3, Y2, Y2
	VPMOVMSKB Y2, R8
	TESTL     R8, R8
	JNZ       found
	ADDQ      $32, AX
	CMPQ      AX, CX
	JB        loop
	MOVQ      AX, at+32(FP)
	VZEROUPPER
	RET

found:
	BSFL R8, R8
	ADDQ R8, AX
	MOVQ AX, at+32(FP)
	VZEROUPPER
	RET
