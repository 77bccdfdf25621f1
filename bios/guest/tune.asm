; The fourth scene: a tune on the speaker, a keyboard that plays it and its notes rising
; as on a roll of paper. A note is a number of semitones above C4 and a length in ticks.

        absolute scene_variables
tune_next:  resw 1
tune_left:  resb 1                  ; ticks of the present note
tune_note:  resb 1
        section .text

still  equ 0xFF
again  equ 0xFE

; In A minor: broken chords, then a song above them.
tune_notes:
        db   9, 3, 12, 3, 16, 3, 21, 3, 16, 3, 12, 3,  5, 3, 9, 3, 12, 3, 17, 3, 12, 3, 9, 3
        db   7, 3, 12, 3, 16, 3, 19, 3, 16, 3, 12, 3,  7, 3, 11, 3, 14, 3, 19, 3, 14, 3, 11, 3
        db   9, 3, 12, 3, 16, 3, 21, 3, 16, 3, 12, 3,  5, 3, 9, 3, 12, 3, 17, 3, 12, 3, 9, 3
        db   4, 3, 8, 3, 11, 3, 16, 3, 14, 3, 11, 3,   9, 9, still, 3
        db   16, 6, 14, 3, 12, 6, 11, 3,  12, 6, 9, 6, 4, 6
        db   17, 6, 16, 3, 14, 6, 12, 3,  14, 6, 11, 6, 7, 6
        db   16, 3, 17, 3, 19, 6, 16, 6,  21, 9, 19, 3, 17, 3, 16, 3
        db   14, 6, 12, 3, 11, 6, 8, 3,   9, 3, 12, 3, 16, 3, 21, 12
        db   24, 2, 21, 2, 16, 2, 12, 2, 9, 12, still, 12, again

; What timer 2 divides by, for C4 to B4.
divisors:
        dw   4561, 4304, 4063, 3835, 3619, 3416, 3225, 3044, 2873, 2711, 2559, 2415

key_column equ 10
key_top    equ 16
roll_top   equ 3
roll_end   equ 14

tune:   call open_text
        call draw_keyboard
        call fade_in
        mov  word [tune_next], tune_notes
        mov  byte [tune_left], 0
        mov  byte [tune_note], still
.next:  call poll_key
        jc   .leave
        hlt
        call ticks
        cmp  ax, [last_tick]
        je   .next
        mov  [last_tick], ax
        call play_tick
        jmp  .next
.leave: call silence
        ret

play_tick:
        call roll
        cmp  byte [tune_left], 0
        jne  .same
        mov  cl, ink_bright << 4 | ink_dim
        mov  ch, ink_ground << 4 | ink_dim
        call colour_key
        call silence
        mov  si, [tune_next]
        cmp  byte [si], again
        jne  .note
        mov  si, tune_notes
.note:  lodsb
        mov  [tune_note], al
        lodsb
        mov  [tune_left], al
        mov  [tune_next], si
        call sound
        call show_note
        mov  cl, ink_accent << 4 | ink_ground
        mov  ch, cl
        call colour_key
.same:  dec  byte [tune_left]
        ret

; ---- the speaker -----------------------------------------------------------------
sound:  mov  al, [tune_note]
        cmp  al, still
        je   .done
        xor  ah, ah
        mov  bl, 12
        div  bl                     ; AL = octave, AH = note in it
        mov  cl, al
        mov  bl, ah
        xor  bh, bh
        shl  bx, 1
        mov  al, 0xB6
        out  0x43, al
        mov  ax, [divisors + bx]
        shr  ax, cl
        out  0x42, al
        mov  al, ah
        out  0x42, al
        in   al, 0x61
        or   al, 3
        out  0x61, al
.done:  ret

silence:
        push ax
        in   al, 0x61
        and  al, 0xFC
        out  0x61, al
        pop  ax
        ret

; ---- what is seen ----------------------------------------------------------------
; The paper goes up by a line; the present note leaves its mark at the lower edge.
roll:   mov  ax, 0x0601
        mov  bh, ink_text
        mov  cx, roll_top << 8
        mov  dx, roll_end << 8 | 79
        int  0x10
        mov  al, [tune_note]
        cmp  al, still
        je   .done
        cmp  byte [tune_left], 0    ; a gap between equal notes
        je   .done
        call find_key
        mov  al, [tune_note]
        mov  cl, 10
        mul  cl
        mov  cl, 25
        div  cl
        mov  ah, 10
        sub  ah, al
        mov  al, 0xDB
        mov  di, bx
        add  di, at(roll_end, 0)
        mov  cx, 3
        call fill
.done:  ret

; BX = offset in its row of the first of a key's three columns, for note AL; DL = 1 if
; the key is black.
find_key:
        xor  ah, ah
        mov  bl, 12
        div  bl
        mov  bl, ah
        xor  bh, bh
        mov  dl, [.places + bx]     ; in half white keys from C
        mov  ah, 14
        mul  ah
        mov  bl, dl
        xor  bh, bh
        add  bx, ax
        and  dl, 1
        shl  bx, 1                  ; a white key is four columns
        add  bx, key_column
        shl  bx, 1
        ret
.places: db  0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12

; The present note's key in colour CL if it is white, CH if it is black.
colour_key:
        mov  al, [tune_note]
        cmp  al, still
        je   .done
        push cx
        call find_key
        pop  cx
        mov  di, bx
        or   dl, dl
        jnz  .black
        add  di, at(key_top + 4, 0)
        mov  ah, cl
        mov  dl, 3
        jmp  .paint
.black: add  di, at(key_top, 0)
        mov  ah, ch
        mov  dl, 4
.paint: mov  al, ' '
.line:  push di
        mov  cx, 3
        call fill
        pop  di
        add  di, 160
        dec  dl
        jnz  .line
.done:  ret

; Fifteen white keys, C4 to C6, and the black ones over them.
draw_keyboard:
        mov  si, .title
        mov  di, at(1, key_column)
        mov  ah, ink_bright
        call print
        mov  di, at(key_top, key_column)
        mov  dl, 7
.row:   push di
        mov  bl, 15
.white: mov  ax, (ink_bright << 4 | ink_dim) << 8 | ' '
        mov  cx, 3
        call fill
        mov  ax, (ink_bright << 4 | ink_dim) << 8 | 0xB3
        mov  cx, 1
        call fill
        dec  bl
        jnz  .white
        pop  di
        add  di, 160
        dec  dl
        jnz  .row
        mov  di, at(key_top - 1, key_column)
        mov  ax, ink_frame << 8 | 0xDC
        mov  cx, 60
        call fill
        mov  al, 0
.black: push ax
        mov  [tune_note], al
        call find_key
        or   dl, dl
        jz   .next
        mov  ch, ink_ground << 4 | ink_dim
        call colour_key
.next:  pop  ax
        inc  al
        cmp  al, 24
        jbe  .black
        mov  di, at(24, 0)
        mov  ax, ink_frame << 12 | ink_bright << 8 | ' '
        mov  cx, 80
        call fill
        mov  di, at(24, 2)
        mov  si, draw_welcome.keys
        mov  cx, 5
.help:  push cx
        mov  ah, ink_frame << 4 | ink_accent
        call print
        mov  ah, ink_frame << 4 | ink_bright
        call print
        pop  cx
        loop .help
        ret
.title: db   "A tune for one speaker and one timer", 0

; The note's name and what it does to the timer.
show_note:
        mov  al, [tune_note]
        cmp  al, still
        je   .done
        xor  ah, ah
        mov  bl, 12
        div  bl
        mov  bl, ah
        xor  bh, bh
        shl  bx, 1
        mov  cl, al
        add  al, '4'
        mov  dl, al
        mov  ax, [.names + bx]
        mov  bx, [divisors + bx]
        shr  bx, cl
        mov  di, at(1, 50)
        mov  dh, ah                 ; a letter, perhaps a sharp, the octave
        cmp  dh, ' '
        jne  .sharp
        xchg dh, dl
.sharp: mov  ah, ink_accent
        mov  cx, 1
        call fill
        mov  al, dh
        mov  cx, 1
        call fill
        mov  al, dl
        mov  cx, 1
        call fill
        mov  si, .over
        mov  ah, ink_dim
        call print
        mov  ax, bx
        call print_number
.done:  ret
.names: db   "C C#D D#E F F#G G#A A#B "
.over:  db   "   1193182 / ", 0
