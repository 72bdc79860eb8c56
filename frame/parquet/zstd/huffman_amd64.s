#include "textflag.h"

// SYMBOL looks up the code that a stream begins with, by as many bits from the top as the longest code has. DX are the codes, CX is how far down
// those bits are shifted. Of valid only the lowest six bits count.
#define SYMBOL(bits, valid, i, to) \
	SHRXQ   CX, bits, AX           \
	PINSRB  $i, 2048(DX)(AX*1), to \
	MOVBLZX (DX)(AX*1), AX         \
	SHLXQ   AX, bits, bits         \
	SUBL    AX, valid

#define SYMBOLS(i) \
	SYMBOL(R8, R12, i, X0)  \
	SYMBOL(R9, R13, i, X1)  \
	SYMBOL(R10, R14, i, X2) \
	SYMBOL(R11, R15, i, X3)

// REFILL puts what follows behind the bits that are valid. Where it is loaded from is known since the last refill, so that nothing waits for a load.
// It then counts the whole bytes that had room: 56 to 63 bits are valid.
#define REFILL(bits, valid, next) \
	MOVQ  (next), AX           \
	SHRXQ valid, AX, AX        \
	ORQ   AX, bits             \
	MOVL  valid, AX            \
	SHRL  $3, AX               \
	ANDL  $7, AX               \
	LEAQ  -7(next)(AX*1), next \
	ORL   $56, valid

// func decodeFour(dst, src unsafe.Pointer, table *codes, r *readers, down, each, room int) (done int)
//
// Five symbols of each stream, 55 bits at most, are gathered in X0 to X3 and stored together: stores by turns to four places are slow.
// R8 to R11 are the bits, R12 to R15 how many are valid, and BX, SI, DI and BP where the next ones are loaded from.
TEXT ·decodeFour(SB), NOSPLIT, $24-64
	MOVQ r+24(FP), AX
	MOVQ src+8(FP), CX
	MOVQ 64(AX), BX
	MOVQ 72(AX), SI
	MOVQ 80(AX), DI
	MOVQ 88(AX), BP
	ADDQ CX, BX
	ADDQ CX, SI
	ADDQ CX, DI
	ADDQ CX, BP
	MOVQ 0(AX), R8
	MOVQ 8(AX), R9
	MOVQ 16(AX), R10
	MOVQ 24(AX), R11
	MOVQ 32(AX), R12
	MOVQ 40(AX), R13
	MOVQ 48(AX), R14
	MOVQ 56(AX), R15
	MOVQ dst+0(FP), AX
	MOVQ AX, out-24(SP)
	ADDQ AX, room+48(FP)
	MOVQ table+16(FP), DX

outer:
	// As often as neither src nor the room can end: a refill goes back by seven bytes at most, and five are stored as eight.
	MOVQ    BX, AX
	CMPQ    SI, AX
	CMOVQCS SI, AX
	CMPQ    DI, AX
	CMOVQCS DI, AX
	CMPQ    BP, AX
	CMOVQCS BP, AX
	SUBQ    src+8(FP), AX
	ADDQ    $8, AX
	MOVQ    room+48(FP), CX
	SUBQ    out-24(SP), CX
	CMPQ    CX, AX
	CMOVQCS CX, AX
	SHRQ    $3, AX
	JZ      done
	LEAQ    (AX)(AX*4), AX
	ADDQ    out-24(SP), AX
	MOVQ    AX, stop-16(SP)
	MOVQ    down+32(FP), CX
	PCALIGN $64

inner:
	SYMBOLS(0)
	SYMBOLS(1)
	SYMBOLS(2)
	SYMBOLS(3)
	SYMBOLS(4)
	REFILL(R8, R12, BX)
	REFILL(R9, R13, SI)
	REFILL(R10, R14, DI)
	REFILL(R11, R15, BP)
	MOVQ out-24(SP), AX
	MOVQ X0, (AX)
	ADDQ each+40(FP), AX
	MOVQ X1, (AX)
	ADDQ each+40(FP), AX
	MOVQ X2, (AX)
	ADDQ each+40(FP), AX
	MOVQ X3, (AX)
	MOVQ out-24(SP), AX
	ADDQ $5, AX
	MOVQ AX, out-24(SP)
	CMPQ AX, stop-16(SP)
	JCS  inner
	JMP  outer

done:
	MOVQ r+24(FP), AX
	MOVQ src+8(FP), CX
	SUBQ CX, BX
	SUBQ CX, SI
	SUBQ CX, DI
	SUBQ CX, BP
	MOVQ BX, 64(AX)
	MOVQ SI, 72(AX)
	MOVQ DI, 80(AX)
	MOVQ BP, 88(AX)
	ANDL $63, R12
	ANDL $63, R13
	ANDL $63, R14
	ANDL $63, R15
	MOVQ R12, 32(AX)
	MOVQ R13, 40(AX)
	MOVQ R14, 48(AX)
	MOVQ R15, 56(AX)
	MOVQ out-24(SP), DI
	SUBQ dst+0(FP), DI
	MOVQ DI, done+56(FP)
	RET
