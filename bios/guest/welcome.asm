; The first scene: what this is, what to type next, the time, and an echo of the keyboard.
; Between timer ticks the machine sleeps. Now and then a beam runs down the name.

welcome_row   equ 21                ; the echo
welcome_first equ 14                ; its columns
welcome_last  equ 54

        absolute scene_variables
echo_column:  resw 1
beam:         resw 1                ; line of the name it is on; above 9: it rests
time_text:    resb 24
last_second:  resb 1
        section .text

welcome:
        call open_text
        call draw_welcome
        mov  word [echo_column], welcome_first
        mov  word [beam], 40
        mov  byte [last_second], 0xFF
        call show_time
        call show_cursor
        call fade_in
.next:  call poll_key
        jc   .leave
        jz   .idle
        call echo_key
        jmp  .next
.idle:  hlt
        call ticks
        cmp  ax, [last_tick]
        je   .next
        mov  [last_tick], ax
        call show_time
        call move_beam
        jmp  .next
.leave: ret

draw_welcome:
        ; upper and lower bar
        mov  di, at(0, 0)
        mov  ax, ink_frame << 12 | ink_bright << 8 | ' '
        mov  cx, 80
        call fill
        mov  di, at(24, 0)
        mov  cx, 80
        call fill
        mov  di, at(0, 2)
        mov  si, .bar
        mov  ah, ink_frame << 4 | ink_bright
        call print
        mov  di, at(24, 2)
        mov  si, .keys
        mov  cx, 5
.key:   push cx
        mov  ah, ink_frame << 4 | ink_accent
        call print
        mov  ah, ink_frame << 4 | ink_bright
        call print
        pop  cx
        loop .key
        ; the name, and what it is
        mov  di, at(2, 12)
        mov  si, welcome_name
        call big_word
        mov  di, at(8, 28)
        mov  si, .what
        mov  ah, ink_bright
        call print
        mov  di, at(9, 8)
        mov  si, .guest
        mov  ah, ink_dim
        call print
        ; the two frames
        mov  di, at(11, 2)
        mov  cx, 6 << 8 | 39
        mov  si, .next_title
        call frame
        mov  di, at(11, 45)
        mov  cx, 6 << 8 | 31
        mov  si, .window_title
        call frame
        mov  bx, .next_lines
        mov  di, at(12, 4)
        call .lines
        mov  bx, .window_lines
        mov  di, at(12, 47)
        call .lines
        ; the echo's line and the machine's
        mov  di, at(welcome_row, 2)
        mov  si, .type
        mov  ah, ink_dim
        call print
        mov  di, at(welcome_row - 1, 2)
        mov  si, .machine
        mov  ah, ink_dim
        call print
        call find_processor
        mov  ah, ink_text
        call print
        mov  si, .memory
        mov  ah, ink_dim
        call print
        int  0x12
        call print_number
        mov  si, .conventional
        mov  ah, ink_text
        call print
        push di
        mov  ah, 0x88
        int  0x15
        pop  di
        jc   .end
        or   ax, ax
        jz   .end
        mov  si, .and
        push ax
        mov  ah, ink_text
        call print
        pop  ax
        call print_number
        mov  si, .extended
        mov  ah, ink_text
        call print
.end:   ret

; Lines at BX, one below the other from DI on, until an empty one.
.lines: mov  si, bx
        cmp  byte [si], 0
        je   .end
        push di
        mov  ah, ink_text
        call print
        mov  bx, si
        pop  di
        add  di, 160
        jmp  .lines


.bar:   db   "Retrace", 0
.what:  db   "A PC that can be rewound", 0
.guest: db   "This is its built-in guest: 8086 code that booted from its own disk", 0
.next_title:   db "What to type next", 0
.window_title: db "Right Ctrl and", 0
.next_lines:
        db   ink_bright, "retrace IMAGE", ink_text, "       boot a disk image", 0
        db   ink_dim,    "        --writable", ink_text, "  and let it change", 0
        db   ink_dim,    "        --cpu 8086", ink_text, "  on another PC", 0
        db   ink_dim,    "    --display term", ink_text, "  in the terminal", 0
        db   ink_bright, "tools/run IMAGE", ink_text, "     build it first", 0
        db   ink_bright, "retrace help", ink_text, "        everything else", 0
        db   0
.window_lines:
        db   ink_bright, "F ", ink_text, "full screen", 0
        db   ink_bright, "G ", ink_text, "release the mouse", 0
        db   ink_bright, "S ", ink_text, "screenshot", 0
        db   ink_bright, "P ", ink_text, "pause     ", ink_bright, "R ", ink_text, "reset", 0
        db   ink_bright, "1-4 ", ink_text, "change the disks", 0
        db   ink_bright, "Q ", ink_text, "quit", 0
        db   0
.keys:  db   "F1 ", 0, "This screen    ", 0
        db   "F2 ", 0, "256 colours    ", 0
        db   "F3 ", 0, "Four planes    ", 0
        db   "F4 ", 0, "A tune    ", 0
        db   "Esc ", 0, "Back", 0
.type:  db   "Type here ", 0x10, 0
.machine: db "Processor ", 0
.memory:  db "   Memory ", 0
.conventional: db " KiB", 0
.and:     db " + ", 0
.extended: db " KiB", 0

welcome_name: db "RETRACE", 0

; AX as a decimal number at DI.
print_number:
        mov  bx, 10
        xor  cx, cx
.digit: xor  dx, dx
        div  bx
        push dx
        inc  cx
        or   ax, ax
        jnz  .digit
        mov  bx, es
        mov  ax, 0xB800
        mov  es, ax
.put:   pop  ax
        add  al, '0'
        mov  ah, ink_text
        stosw
        loop .put
        mov  es, bx
        ret

; SI = what the processor is called. By what becomes of the upper flags: an 8086 keeps
; them set, a 286 in real mode keeps them clear, later ones remember bits 12-14.
find_processor:
        pushf
        pushf
        pop  ax
        mov  cx, ax
        and  ax, 0x0FFF
        push ax
        popf
        pushf
        pop  ax
        and  ax, 0xF000
        cmp  ax, 0xF000
        je   .early
        or   cx, 0x7000
        push cx
        popf
        pushf
        pop  ax
        test ax, 0x7000
        mov  si, .late_name
        jnz  .done
        mov  si, .at_name
.done:  popf
        ret
.early: push sp                     ; an 8086 pushes what SP is afterwards; so does a 186
        pop  ax
        mov  si, .early_name
        popf
        ret
.early_name: db "8086", 0
.at_name:    db "80286", 0
.late_name:  db "80386 or later", 0

; ---- the clock ---------------------------------------------------------------
; Date and time of the real-time clock in the upper bar, once a second; a PC without one
; shows none.
show_time:
        mov  ah, 2
        int  0x1A
        jc   .done
        cmp  dh, [last_second]
        je   .done
        mov  [last_second], dh
        mov  di, time_text + 20
        mov  byte [di], 0
        mov  al, dh
        call .two
        mov  al, ':'
        call .sign
        mov  al, cl
        call .two
        mov  al, ':'
        call .sign
        mov  al, ch
        call .two
        mov  al, ' '
        call .sign
        push di
        mov  ah, 4
        int  0x1A
        pop  di
        mov  al, ' '
        call .sign
        mov  al, dl
        call .two
        mov  al, '-'
        call .sign
        mov  al, dh
        call .two
        mov  al, '-'
        call .sign
        mov  al, cl
        call .two
        mov  al, ch
        call .two
        mov  si, di
        mov  di, at(0, 58)
        mov  ah, ink_frame << 4 | ink_bright
        call print
.done:  ret

; Two digits of packed AL, or the sign AL, before DI.
.two:   push ax
        and  al, 0x0F
        add  al, '0'
        call .sign
        pop  ax
        push cx
        mov  cl, 4
        shr  al, cl
        pop  cx
        add  al, '0'
.sign:  dec  di
        mov  [di], al
        ret

; ---- the echo ----------------------------------------------------------------
; AX = a key. Printable ones appear, the line starts afresh when it is full.
echo_key:
        push ax
        mov  di, at(welcome_row, 58)
        mov  si, .code
        mov  ah, ink_dim
        call print
        pop  ax
        push ax
        mov  bl, ah
        call print_hex
        mov  si, .character
        mov  ah, ink_dim
        call print
        pop  ax
        push ax
        mov  bl, al
        call print_hex
        pop  ax
        cmp  al, 8
        je   .back
        cmp  al, 13
        je   .clear
        cmp  al, 32
        jb   .done
        cmp  al, 0xE0
        je   .done
        cmp  word [echo_column], welcome_last
        jb   .room
        push ax
        call .clear
        pop  ax
.room:  mov  ah, ink_bright
        call .put
        inc  word [echo_column]
        jmp  show_cursor
.back:  cmp  word [echo_column], welcome_first
        jbe  .done
        mov  ax, ink_text << 8 | ' '
        call .put
        dec  word [echo_column]
        jmp  show_cursor
.clear: mov  di, at(welcome_row, welcome_first)
        mov  ax, ink_text << 8 | ' '
        mov  cx, welcome_last - welcome_first + 1
        call fill
        mov  word [echo_column], welcome_first
        jmp  show_cursor
.put:   mov  di, [echo_column]
        shl  di, 1
        add  di, at(welcome_row, 0)
        mov  cx, 1
        jmp  fill
.done:  ret
.code:      db "scan ", 0
.character: db "  character ", 0

show_cursor:
        mov  ax, ink_accent << 8 | '_'
        jmp  echo_key.put

; BL as two hexadecimal digits at DI.
print_hex:
        mov  al, bl
        mov  cl, 4
        shr  al, cl
        call .digit
        mov  al, bl
        and  al, 0x0F
.digit: cmp  al, 10
        sbb  al, 0x69               ; the old trick: 0-9, A-F
        das
        mov  ah, ink_text
        mov  cx, 1
        jmp  fill

; ---- the beam ----------------------------------------------------------------
; One line further down the name each tick, then a rest. Lines near the beam are lighter.
move_beam:
        mov  ax, [beam]
        inc  ax
        cmp  ax, 60
        jb   .go
        xor  ax, ax
.go:    mov  [beam], ax
        cmp  ax, 13                 ; nothing changes while it rests
        ja   .done
        mov  si, text_palette + 3 * ink_logo
        mov  dx, 0x3C8
        mov  al, ink_logo
        out  dx, al
        inc  dx
        xor  cx, cx
.line:  mov  bx, [beam]
        dec  bx
        sub  bx, cx
        jns  .near
        neg  bx
        inc  bx                     ; it draws a short tail
.near:  cmp  bx, 3
        jbe  .level
        mov  bx, 3
.level: mov  bl, [.levels + bx]
        mov  bh, 3
.part:  lodsb                       ; towards white: c + (63 - c) * level / 16
        mov  ah, 63
        sub  ah, al
        push ax
        mov  al, ah
        mul  bl
        push cx
        mov  cl, 4
        shr  ax, cl
        pop  cx
        mov  di, ax
        pop  ax
        xor  ah, ah
        add  ax, di
        out  dx, al
        dec  bh
        jnz  .part
        inc  cx
        cmp  cx, 10
        jb   .line
.done:  ret
.levels: db  15, 9, 4, 0
