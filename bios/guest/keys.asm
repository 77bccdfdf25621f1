; Keys and waiting. A machine that waits here sleeps until the next interrupt.

key_f1 equ 0x3B
key_f2 equ 0x3C
key_f3 equ 0x3D
key_f4 equ 0x3E

; CF: a key asks for another scene, AL = which (Esc means the first). Else ZF clear and
; AX = a key that was pressed, or ZF set if there was none.
poll_key:
        mov  ah, 1
        int  0x16
        jz   .none
        mov  ah, 0
        int  0x16
        cmp  ax, 0x011B             ; Esc
        je   .first
        or   al, al
        jnz  .key
        cmp  ah, key_f1
        jb   .key
        cmp  ah, key_f4
        ja   .key
        mov  al, ah
        stc
        ret
.first: mov  al, key_f1
        stc
        ret
.key:   or   ah, ah                 ; ZF clear; CF clear
        jnz  .done
        or   al, al
.done:  ret
.none:  xor  ax, ax
        ret

; AX = timer ticks, 18.2 a second.
ticks:  push ds
        xor  ax, ax
        mov  ds, ax
        mov  ax, [0x46C]
        pop  ds
        ret
