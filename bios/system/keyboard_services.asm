; INT 16h: keys for programs. Functions 00h-02h hide what the first keyboards did not have, 10h-12h show everything.

int16:
        service_entry
        sti
        cmp ah, (.functions_end - .functions) / 2
        jae .unknown
        mov bl, ah
        mov bh, 0
        shl bx, 1
        call [cs:bx + .functions]
.unknown:
        service_exit
.functions:
        dw read_key, look_key, get_shift, set_typematic, key_unknown, push_key, key_unknown, key_unknown
        dw key_unknown, get_key_functions, get_keyboard_id, key_unknown, key_unknown, key_unknown, key_unknown, key_unknown
        dw read_key_all, look_key_all, get_shift_all
.functions_end:

key_unknown:
        ret

read_key:
        call wait_key
        call take_key
        call old_key
        jc read_key                     ; not a key of the old keyboard: gone
        mov [caller_ax], ax
        ret

read_key_all:
        call wait_key
        call take_key
        call new_key
        mov [caller_ax], ax
        ret

look_key:
        call update_leds
        or byte [caller_flags + 1], 0x02        ; whoever polls with interrupts off would poll for ever
.again:
        cli
        mov bx, [bda.key_head]
        cmp bx, [bda.key_tail]
        je no_key
        mov ax, [bx]
        call old_key
        jnc key_there
        call take_key
        sti
        jmp .again

look_key_all:
        call update_leds
        or byte [caller_flags + 1], 0x02
        cli
        mov bx, [bda.key_head]
        cmp bx, [bda.key_tail]
        je no_key
        mov ax, [bx]
        call new_key
key_there:
        mov [caller_ax], ax
        and byte [caller_flags], ~zero_flag
        ret
no_key:
        or byte [caller_flags], zero_flag
; DOS polls at its prompt without end, and says by INT 28h when it does nothing but wait for a key. Its own handler returns
; at once; in the place of such a one, ours sleeps until the next interrupt.
        mov ds, [cs:zero_word]
        les bx, [0x28 * 4]
        cmp byte [es:bx], 0xcf
        jne .done
        mov word [0x28 * 4], dos_idle
        mov [0x28 * 4 + 2], cs
.done:
        ret

dos_idle:
        cli
        call idle
        iret

; Sleeps until there is a key; interrupts are off then.
wait_key:
        call update_leds
        cli
        mov bx, [bda.key_head]
        cmp bx, [bda.key_tail]
        jne .there
        mov ax, 0x9002                  ; a multitasker may do something else meanwhile
        int 0x15
.again:
        cli
        mov bx, [bda.key_head]
        cmp bx, [bda.key_tail]
        jne .there
        call idle
        jmp .again
.there:
        ret

; AX = the next key, out of the buffer.
take_key:
        mov bx, [bda.key_head]
        mov ax, [bx]
        inc bx
        inc bx
        cmp bx, [bda.keys_end]
        jb .no_wrap
        mov bx, [bda.keys_start]
.no_wrap:
        mov [bda.key_head], bx
        ret

; AX as an old keyboard would give it. Carry: it has no such key.
old_key:
        cmp ah, 0xe0                    ; the pad's Enter and slash
        je .pad
        cmp ah, 0x84
        ja .none
        test ah, ah
        jz .done                        ; typed with Alt and the number pad
        cmp al, 0xf0
        je .none
        cmp al, 0xe0
        jne .done
        mov al, 0
.done:
        clc
        ret
.pad:
        mov ah, 0x35
        cmp al, '/'
        je .done
        mov ah, 0x1c
        clc
        ret
.none:
        stc
        ret

; AX without the mark of a new key.
new_key:
        cmp al, 0xf0
        jne .done
        test ah, ah
        jz .done
        mov al, 0
.done:
        ret

get_shift:
        mov al, [bda.shift]
        mov [caller_al], al
        ret

; AL = as get_shift; AH: 7 SysRq, 6 Caps, 5 Num, 4 Scroll held; 3 right Alt, 2 right Ctrl, 1 left Alt, 0 left Ctrl.
get_shift_all:
        mov al, [bda.shift2]
        mov ah, al
        and al, 0x73
        and ah, held_sysrq
        mov cl, 5
        shl ah, cl
        or ah, al
        mov al, [bda.keyboard]
        and al, held_right_ctrl | held_right_alt
        or ah, al
        mov al, [bda.shift]
        mov [caller_ax], ax
        ret

; AL=5: BH = delay (0-3), BL = rate (0-31). AL=6: read them back. AL=0: the default.
set_typematic:
        cmp al, 6
        je .read
        test al, al
        jz .default
        cmp al, 5
        jne .done
        mov bx, [caller_bx]
        test bl, 0xe0
        jnz .done
        test bh, 0xfc
        jnz .done
        mov al, bh
        mov cl, 5
        shl al, cl
        or al, bl
.set:
        push ds
        ds_ebda
        mov [ebda.typematic], al
        pop ds
        mov bl, al
        mov al, 0xf3
        call keyboard_command
        jc .done
        mov al, bl
        call keyboard_command
.done:
        ret
.default:
        mov al, 0x2b
        jmp .set
.read:
        ds_ebda
        mov al, [ebda.typematic]
        mov ah, al
        and al, 0x1f
        mov cl, 5
        shr ah, cl
        mov [caller_bx], ax
        ret

; Sends AL to the keyboard and waits for its answer. Carry: it did not acknowledge. Interrupts are off meanwhile, so that the
; answer comes to us; a scan code that stands before it in the queue is given to INT 09h's translation.
keyboard_command:
        pushf
        cli
        push bx
        push cx
        push dx
        mov ah, al
        call controller_data
        mov dx, 16
.answer:
        mov cx, 2000                    ; 30 ms
        call controller_read
        jc .fail
        cmp al, 0xfa
        je .ok
        test ah, 0x20
        jnz .next                       ; the mouse's
        cmp al, 0xfe
        je .fail
        push dx
        mov ah, 0x4f
        stc
        int 0x15
        cli
        jnc .dropped
        call scan_code
        cli
.dropped:
        pop dx
.next:
        dec dx
        jnz .answer
.fail:
        pop dx
        pop cx
        pop bx
        popf
        stc
        ret
.ok:
        pop dx
        pop cx
        pop bx
        popf
        clc
        ret

; CX into the buffer. AL=0: done, 1: full.
push_key:
        mov ax, [caller_cx]
        cli
        mov bx, [bda.key_tail]
        mov si, bx
        inc si
        inc si
        cmp si, [bda.keys_end]
        jb .no_wrap
        mov si, [bda.keys_start]
.no_wrap:
        cmp si, [bda.key_head]
        je .full
        mov [bx], ax
        mov [bda.key_tail], si
        mov byte [caller_al], 0
        ret
.full:
        mov byte [caller_al], 1
        ret

; What function 03h and 10h-12h can do: default rate, set rate, read rate, keyboard identification, 101 keys.
get_key_functions:
        mov byte [caller_al], 0x7d
        ret

; An MF2 keyboard behind a translating controller.
get_keyboard_id:
        mov word [caller_bx], 0x41ab
        ret
