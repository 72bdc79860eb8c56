#include "textflag.h"

// func unsnappyElements(out, elements []byte, tables *snappyTables, done, at int) (nextDone, nextAt int)
//
// Eight bytes are loaded at an element. A literal of up to four bytes and the copy behind it are both taken from them, and whether a copy is near
// or of the middle is looked up, not branched on: where the next element begins is then known without another load and without a guess.
// What is copied is written sixteen bytes at a time, whatever its length: an element is begun where 72 bytes can be read and 96 written.
//
// SI is the element, DI where its bytes go, R8 and R9 are the last of each for which that holds, R10 and R12 the beginnings.
TEXT ·unsnappyElements(SB), NOSPLIT, $0-88
	MOVQ out_base+0(FP), R10
	MOVQ out_len+8(FP), R9
	MOVQ elements_base+24(FP), R12
	MOVQ elements_len+32(FP), R8
	MOVQ tables+48(FP), R11
	MOVQ done+56(FP), DI
	MOVQ at+64(FP), SI
	ADDQ R10, DI
	ADDQ R12, SI
	LEAQ -96(R10)(R9*1), R9
	LEAQ -72(R12)(R8*1), R8

next:
	CMPQ    SI, R8
	JHI     end
	CMPQ    DI, R9
	JHI     end
	MOVQ    (SI), AX
	MOVL    AX, BX
	ANDL    $3, BX
	JNE     copy
	MOVBLZX AX, CX
	CMPL    CX, $12
	JHI     literal

	// A literal of up to four bytes. Behind it AX holds three bytes at least.
	MOVQ AX, DX
	SHRQ $8, DX
	MOVL DX, (DI)
	MOVL CX, DX
	SHRL $2, DX
	LEAQ 1(DI)(DX*1), DI
	LEAQ 2(SI)(DX*1), SI
	LEAL 16(CX)(CX*1), CX
	SHRQ CX, AX
	MOVL AX, BX
	ANDL $3, BX
	JE   next

copy:
	CMPL    BX, $3
	JE      end
	MOVBLZX AX, CX
	MOVQ    (R11)(CX*8), DX
	SHRL    $8, AX
	ANDL    DX, AX
	SHRQ    $32, DX
	MOVBLZX DX, CX
	SHRL    $8, DX
	ADDL    DX, AX
	MOVQ    DI, DX
	SUBQ    R10, DX
	CMPQ    AX, DX
	JHI     end
	MOVQ    DI, DX
	SUBQ    AX, DX
	CMPQ    AX, $16
	JB      close
	MOVOU   (DX), X0
	MOVOU   X0, (DI)
	CMPL    CX, $16
	JHI     long

copied:
	LEAQ 1(SI)(BX*1), SI
	ADDQ CX, DI
	JMP  next

long:
	MOVOU 16(DX), X0
	MOVOU X0, 16(DI)
	MOVOU 32(DX), X0
	MOVOU X0, 32(DI)
	MOVOU 48(DX), X0
	MOVOU X0, 48(DI)
	JMP   copied

close:
	// The bytes that repeat are spread over sixteen, which are stored as often as needed, each time whole periods further.
	TESTL  AX, AX
	JEQ    end
	MOVQ   AX, R13
	SHLQ   $4, R13
	MOVOU  (DX), X0
	MOVOU  2048(R11)(R13*1), X1
	PSHUFB X1, X0
	MOVQ   2304(R11)(AX*8), AX
	LEAQ   1(SI)(BX*1), SI
	LEAQ   (DI)(CX*1), R13

again:
	MOVOU X0, (DI)
	ADDQ  AX, DI
	CMPQ  DI, R13
	JCS   again
	MOVQ  R13, DI
	JMP   next

literal:
	CMPL  CX, $240 // its length is not in the tag
	JCC   end
	SHRL  $2, CX
	MOVOU 1(SI), X0
	MOVOU X0, (DI)
	CMPL  CX, $16
	JCS   taken
	MOVOU 17(SI), X0
	MOVOU X0, 16(DI)
	MOVOU 33(SI), X0
	MOVOU X0, 32(DI)
	MOVOU 49(SI), X0
	MOVOU X0, 48(DI)

taken:
	LEAQ 1(DI)(CX*1), DI
	LEAQ 2(SI)(CX*1), SI
	JMP  next

end:
	SUBQ R10, DI
	SUBQ R12, SI
	MOVQ DI, nextDone+72(FP)
	MOVQ SI, nextAt+80(FP)
	RET
